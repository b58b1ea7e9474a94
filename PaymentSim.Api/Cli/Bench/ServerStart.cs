using System.Diagnostics;

namespace PaymentSim.Api.Cli.Bench;

/// <summary>How a server under test is started.</summary>
/// <param name="Program">Another build's <c>PaymentSim.Api.dll</c>; null: this program.</param>
/// <param name="Environment">Variables, beside those of this process.</param>
internal sealed record ServerStart(string? Program, IReadOnlyDictionary<string, string> Environment)
{
    public static readonly ServerStart Usual = new(null, new Dictionary<string, string>());

    /// <summary>Code is compiled once, at its first call, and not again when it turns out to be used much, so that early and late figures can be compared.</summary>
    public static readonly ServerStart AlwaysWarm = new(null, new Dictionary<string, string> { ["DOTNET_TieredCompilation"] = "0" });

    /// <summary>Reads what <c>--against</c> takes: another build, or variables such as <c>DOTNET_gcServer=0,DOTNET_TieredPGO=1</c>; null: it is neither.</summary>
    public static ServerStart? Parse(string against)
    {
        if (!against.Contains('=')) return File.Exists(against) ? new ServerStart(Path.GetFullPath(against), Usual.Environment) : null;
        var variables = against.Split(',').Select(variable => variable.Split('=', 2)).ToList();
        return variables.All(variable => variable is [{ Length: > 0 }, _]) && variables.DistinctBy(variable => variable[0]).Count() == variables.Count
            ? new ServerStart(null, variables.ToDictionary(variable => variable[0], variable => variable[1]))
            : null;
    }

    public ProcessStartInfo With(params IEnumerable<string> args)
    {
        var start = Program is null ? ChildProcess.ThisProgram(args) : new ProcessStartInfo("dotnet", args.Prepend(Program));
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        return start;
    }
}
