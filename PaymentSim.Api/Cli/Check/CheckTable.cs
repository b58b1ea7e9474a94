using Spectre.Console;

namespace PaymentSim.Api.Cli.Check;

/// <summary>A report for people: a table where there is room for one, else a list.</summary>
internal static class CheckTable
{
    private const int WidthWithoutTerminal = 140;
    private const int NarrowestTable = 100;

    public static void Write(CheckReport report, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthWithoutTerminal;
        console.MarkupLineInterpolated($"{report.Url}, with events of type {report.Event}");
        console.WriteLine();
        if (console.Profile.Width >= NarrowestTable) console.Write(Table(report, console.Profile.Out.IsTerminal ? TableBorder.Rounded : TableBorder.Simple));
        else WriteList(report, console);
        console.MarkupLine(Sum(report));
        console.MarkupLine("Only answers were looked at: that a duplicate or an older event changes nothing is for the handler's own tests to show.");
    }

    private static Table Table(CheckReport report, TableBorder border)
    {
        var table = new Table().Border(border).BorderColor(Color.Grey);
        table.AddColumns("Probe", "Grade", "Expected", "Came", "Why it matters");
        table.Columns[0].NoWrap();
        foreach (var probe in report.Probes)
            table.AddRow(Markup.Escape(probe.Name), Colored(probe.Grade), Markup.Escape(probe.Expected), Markup.Escape(probe.Came), Markup.Escape(probe.Why));
        return table;
    }

    private static void WriteList(CheckReport report, IAnsiConsole console)
    {
        foreach (var probe in report.Probes)
        {
            console.MarkupLine($"{Colored(probe.Grade)} [bold]{Markup.Escape(probe.Name)}[/]");
            Line("expected", probe.Expected);
            Line("came", probe.Came);
            Line("why", probe.Why);
        }

        void Line(string what, string text) =>
            console.Write(new Padder(new Markup($"[grey]{what}:[/] {Markup.Escape(text)}"), new Padding(2, 0, 0, 0)));
    }

    private static string Sum(CheckReport report) => report.IsPerfect
        ? $"[green]Full marks: all {report.Probes.Count} probes passed.[/]"
        : $"{report.Passed} passed, {Count(report.Warnings, "warning", "yellow")}, {Count(report.Failed, "failed", "red")}.";

    private static string Count(int count, string what, string color)
    {
        var text = $"{count} {(what == "warning" && count != 1 ? "warnings" : what)}";
        return count == 0 ? text : $"[{color}]{text}[/]";
    }

    private static string Colored(ProbeGrade grade) => grade switch
    {
        ProbeGrade.Pass => "[green]pass[/]",
        ProbeGrade.Warning => "[yellow]warning[/]",
        _ => "[red]FAIL[/]",
    };
}
