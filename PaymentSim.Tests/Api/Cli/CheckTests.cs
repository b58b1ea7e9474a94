using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PaymentSim.Api.Cli.Check;
using PaymentSim.Core;
using PaymentSim.Tests.Support;
using Spectre.Console;

namespace PaymentSim.Tests.Api.Cli;

/// <summary>The check of webhook handlers: each thing that a handler can do wrong is found, and nothing else.</summary>
public sealed class CheckTests
{
    private const string AllForged = "no-signature bad-signature wrong-secret unknown-scheme altered-body old-signature";

    private const string AllGenuine =
        "valid duplicate at-the-same-time one-family two-signatures unknown-type unknown-fields older-after-newer large slow-client duplicate-later";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly string Program = Repository.ProgramOf("PaymentSim.Api");

    [Theory]
    [InlineData(Carelessness.None)]
    [InlineData(Carelessness.StripeSignatureOnly)]
    [InlineData(Carelessness.StandardWebhooksOnly)]
    [InlineData(Carelessness.BelievesTheFuture, "", "future-timestamp")]
    [InlineData(Carelessness.WantsBothFamilies, "one-family")]
    [InlineData(Carelessness.AcceptsEverything, AllForged + " wrong-method", "future-timestamp empty-body not-json")]
    [InlineData(Carelessness.BelievesEverybody, AllForged, "future-timestamp")]
    [InlineData(Carelessness.RefusesEverything, AllGenuine, AllForged + " future-timestamp wrong-method empty-body not-json")]
    [InlineData(Carelessness.RedirectsEverything, AllGenuine, AllForged + " future-timestamp wrong-method wrong-content-type empty-body not-json")]
    [InlineData(Carelessness.IgnoresAge, "old-signature", "future-timestamp")]
    [InlineData(Carelessness.LooksAtTheFirstSignature, "two-signatures")]
    [InlineData(Carelessness.TakesAnyScheme, "unknown-scheme")]
    [InlineData(Carelessness.CrashesOnDuplicates, "duplicate at-the-same-time duplicate-later")]
    [InlineData(Carelessness.RefusesDuplicates, "duplicate duplicate-later", "at-the-same-time")]
    [InlineData(Carelessness.RefusesUnknownTypes, "unknown-type")]
    [InlineData(Carelessness.RefusesUnknownFields, "unknown-fields")]
    [InlineData(Carelessness.RefusesOlderEvents, "older-after-newer")]
    [InlineData(Carelessness.RefusesLargeBodies, "large")]
    [InlineData(Carelessness.TakesTheFirstPiecesForAll, "large slow-client")]
    [InlineData(Carelessness.AnswersGet, "wrong-method")]
    [InlineData(Carelessness.CrashesOnContentTypes, "wrong-content-type")]
    [InlineData(Carelessness.CrashesOnBrokenBodies, "empty-body not-json")]
    [InlineData(Carelessness.CrashesOnBadSignatures, "", AllForged + " future-timestamp")]
    public async Task A_careless_handler_fails_exactly_the_probes_that_it_should(Carelessness careless, string fails = "", string warns = "")
    {
        await using var handler = await SampleHandler.StartAsync(careless);

        var report = await RunAsync(handler);

        Names(report, ProbeGrade.Fail).ShouldBe(Names(fails), ignoreOrder: true, Said(report));
        Names(report, ProbeGrade.Warning).ShouldBe(Names(warns), ignoreOrder: true, Said(report));
        report.Probes.Select(probe => probe.Name).ShouldBe(Probe.All.Select(probe => probe.Name));
        report.IsPerfect.ShouldBe(fails.Length == 0 && warns.Length == 0);
        JsonSerializer.Serialize(report, CoreJson.Options).ShouldNotContain(handler.Secret["whsec_".Length..]);
    }

    [Fact]
    public async Task A_handler_that_never_answers_fails_by_its_time_out()
    {
        await using var handler = await Receiver.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));

        var report = await RunAsync(handler.Url, Shop.NewSecret(), TimeSpan.FromMilliseconds(50));

        report.Failed.ShouldBe(report.Probes.Count);
        report.Probes[0].Came.ShouldBe("no answer within 50ms");
    }

    [Fact]
    public async Task A_handler_that_hangs_up_fails()
    {
        await using var handler = await Receiver.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        var report = await RunAsync(handler.Url, Shop.NewSecret());

        report.Failed.ShouldBe(report.Probes.Count);
        report.Probes[0].Came.ShouldBe("the connection broke before an answer came");
    }

    [Fact]
    public async Task What_the_handler_says_is_shown_in_one_harmless_line()
    {
        var secret = Shop.NewSecret();
        await using var handler = await Receiver.StartAsync(
            Receiver.Status(418, $"no\u001b[31m,\r\n{secret} [bold]{secret["whsec_".Length..]}[/] \u0000\ufffe{new string('x', 200)}"));

        var came = (await RunAsync(handler.Url, secret)).Probes[0].Came;

        came.ShouldStartWith("418 no [31m,  whsec_… [bold]…[/] ");
        came.ShouldEndWith("xxx…");
        came.Length.ShouldBeLessThan(120);
        came.ShouldNotContain(secret["whsec_".Length..]);
    }

    [Fact]
    public async Task The_events_have_the_type_and_the_object_that_were_asked_for()
    {
        await using var receiver = await Receiver.StartAsync();

        await RunAsync(receiver.Url, Shop.NewSecret(), type: "invoice.paid", about: JsonNode.Parse("""{"id":"in_1","metadata":{"order_id":"7"}}""")!.AsObject());

        var first = JsonNode.Parse(receiver.Requests[0].Text)!;
        ((string?)first["type"]).ShouldBe("invoice.paid");
        ((string?)first["api_version"]).ShouldBe("2026-10-28.endive");
        first["data"]!["object"]!.ToJsonString().ShouldBe("""{"id":"in_1","metadata":{"order_id":"7"}}""");
        receiver.Requests.Count(request => request.Headers.GetValueOrDefault("webhook-id") == (string?)first["id"]).ShouldBe(3, "it comes once more at once, and once more at the end");
        receiver.Requests.ShouldContain(request => request.Body.Length > 256 * 1000);
    }

    [Fact]
    public async Task The_program_writes_one_JSON_object_and_a_JUnit_file()
    {
        using var folder = new TempFolder();
        await using var handler = await SampleHandler.StartAsync(Carelessness.AcceptsEverything);
        var file = Path.Combine(folder.Path, "results", "check.xml");

        var (code, output, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "check", handler.Url, "--secret", handler.Secret, "--json", "--junit", file, "--skip", "slow-client", "--skip", "large");

        code.ShouldBe(1, output + errors);
        errors.ShouldBeEmpty();
        (output + await File.ReadAllTextAsync(file)).ShouldNotContain(handler.Secret["whsec_".Length..]);
        var report = JsonDocument.Parse(output).RootElement;
        report.GetProperty("url").GetString().ShouldBe(handler.Url);
        (report.GetProperty("passed").GetInt32(), report.GetProperty("warnings").GetInt32(), report.GetProperty("failed").GetInt32()).ShouldBe((10, 3, 7));
        var probes = report.GetProperty("probes").EnumerateArray().ToList();
        probes.Count.ShouldBe(20);
        foreach (var probe in probes)
        {
            foreach (var name in new[] { "name", "grade", "expected", "came", "why" }) probe.GetProperty(name).GetString().ShouldNotBeNullOrWhiteSpace();
        }

        var suite = XDocument.Load(file).Root!.Elements("testsuite").ShouldHaveSingleItem();
        (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value).ShouldBe(("20", "7"));
        suite.Elements("testcase").Where(one => one.Element("failure") is not null).Select(one => one.Attribute("name")!.Value)
            .ShouldBe(Names(AllForged + " wrong-method"), ignoreOrder: true);
        suite.Elements("testcase").Count(one => one.Element("system-out") is not null).ShouldBe(3);
        (await File.ReadAllBytesAsync(file))[0].ShouldBe((byte)'<');
    }

    [Fact]
    public async Task The_demo_shop_gets_full_marks()
    {
        await using var shop = await Shop.OpenAsync("http://127.0.0.1:9", "sk_test_check", Shop.NewSecret());

        var (code, output, errors) = await ProgramProcess.RunAsync(Program, Patience, "check", $"{shop.Url}/webhooks", "--secret", shop.Secret);

        code.ShouldBe(0, output + errors);
        output.ShouldContain($"Full marks: all {Probe.All.Count} probes passed.");
        foreach (var probe in Probe.All) output.ShouldContain(probe.Name);
        output.ShouldNotContain('\u001b');
        output.ShouldNotContain(shop.Secret);
    }

    [Fact]
    public async Task The_secret_can_come_by_the_environment()
    {
        await using var handler = await SampleHandler.StartAsync();

        await using var process = ProgramProcess.Start(Program, new Dictionary<string, string> { ["WEBHOOK_SECRET"] = handler.Secret }, "check", handler.Url);

        (await process.WaitForExitAsync(Patience)).ShouldBe(0, process.Output + process.Errors);
    }

    [Fact]
    public async Task Where_nobody_listens_it_could_not_be_made()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "check.xml");
        await File.WriteAllTextAsync(file, "of an earlier run");
        var port = Shop.FreePort();

        var (code, output, errors) = await ProgramProcess.RunAsync(
            Program, Patience, "check", $"http://127.0.0.1:{port}/webhooks", "--secret", Shop.NewSecret(), "--json", "--junit", file);

        code.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.Trim().ShouldBe($"http://127.0.0.1:{port}/webhooks cannot be reached: nobody listens there.");
        File.Exists(file).ShouldBeFalse("an old report must not be taken for a new one");
    }

    [Theory]
    [InlineData("Which secret?", "http://127.0.0.1:9/")]
    [InlineData("--secret must be whsec_ followed by base64", "http://127.0.0.1:9/", "--secret", "hunter2")]
    [InlineData("The URL must be an absolute http or https URL", "localhost:5090", "--secret", "whsec_AAAA")]
    [InlineData("The URL must be an absolute http or https URL", "http://user:hunter2@localhost/", "--secret", "whsec_AAAA")]
    [InlineData("--event must be the type of an event", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--event", "Charge")]
    [InlineData("--timeout must be a duration", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--timeout", "soon")]
    [InlineData("--tolerance must be a duration", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--tolerance", "5")]
    [InlineData("--large must be from 1 to", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--large", "0")]
    [InlineData("--skip takes duplicate, ", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--skip", "valid")]
    [InlineData("The object cannot be read: ", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--object", "/nowhere.json")]
    [InlineData("The JUnit file cannot be written: ", "http://127.0.0.1:9/", "--secret", "whsec_AAAA", "--junit", "/proc/nowhere/check.xml")]
    [InlineData("Unrecognized command or argument '--secert'", "http://127.0.0.1:9/", "--secert", "whsec_hunter2")]
    public async Task What_it_cannot_be_asked_is_said_without_any_secret(string sentence, params string[] args)
    {
        var (code, output, errors) = await ProgramProcess.RunAsync(Program, Patience, ["check", .. args]);

        code.ShouldBe(2, output + errors);
        output.ShouldBeEmpty();
        errors.ShouldContain(sentence);
        errors.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void A_report_fits_the_terminal(int width)
    {
        var report = new CheckReport("http://127.0.0.1:9/", "charge.succeeded", [.. Probe.All.Select((probe, i) =>
            new ProbeReport(probe.Name, (ProbeGrade)(i % 3), probe.Expected, "200 [brackets] [/]", probe.Why, 1))]);
        var terminal = new Terminal(width);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = terminal, Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });

        CheckTable.Write(report, console);

        var shown = terminal.Writer.ToString()!;
        shown.Split('\n').ShouldAllBe(line => line.TrimEnd().Length <= width);
        foreach (var probe in Probe.All) shown.ShouldContain(probe.Name);
        shown.ShouldContain("200 [brackets] [/]");
        shown.ShouldContain("8 passed, 7 warnings, 7 failed.");
    }

    private static Task<CheckReport> RunAsync(SampleHandler handler) => RunAsync(handler.Url, handler.Secret);

    private static Task<CheckReport> RunAsync(string url, string secret, TimeSpan? timeout = null, string type = "charge.succeeded", JsonObject? about = null) => new CheckRun(
        new CheckOptions(new Uri(url), secret)
        {
            Event = type,
            Object = about,
            ApiVersion = "2026-10-28.endive",
            Timeout = timeout ?? TimeSpan.FromMinutes(1),
            Tolerance = TimeSpan.FromMinutes(5),
            LargeBytes = 256 * 1024,
        },
        TimeProvider.System).RunAsync(_ => { }, CancellationToken.None);

    private static IEnumerable<string> Names(CheckReport report, ProbeGrade grade) => report.Probes.Where(probe => probe.Grade == grade).Select(probe => probe.Name);

    private static string[] Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Said(CheckReport report) => string.Join('\n', report.Probes.Select(probe => $"{probe.Grade} {probe.Name}: {probe.Came}"));

    private sealed class Terminal(int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer { get; } = new StringWriter(CultureInfo.InvariantCulture);

        public bool IsTerminal => true;

        public int Width => width;

        public int Height => 50;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
