using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace PaymentSim.Api.Cli.Check;

/// <summary>A report as continuous integration reads it: a test case a probe; a warning passes, and says so in the case's output.</summary>
internal static class JUnitFile
{
    private const string Suite = "paymentsim.check";

    /// <summary>Makes room for the file, so that one of an earlier run is never taken for this one's.</summary>
    /// <exception cref="CheckException">It cannot be written there.</exception>
    public static void Prepare(string path) => Try(path, full =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "");
        File.Delete(full);
    });

    /// <exception cref="CheckException">It cannot be written there.</exception>
    public static void Write(string path, CheckReport report) => Try(path, full =>
    {
        // Without the mark at the beginning that .NET writes, and that not every reader skips.
        using var writer = XmlWriter.Create(full, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        Of(report).Save(writer);
    });

    private static XDocument Of(CheckReport report)
    {
        var suite = new XElement(
            "testsuite",
            new XAttribute("name", Suite),
            Counts(report),
            new XElement("properties", Property("url", report.Url), Property("event", report.Event)),
            report.Probes.Select(Case));
        return new XDocument(new XElement("testsuites", Counts(report), suite));
    }

    private static XElement Case(ProbeReport probe) => new(
        "testcase",
        new XAttribute("classname", Suite),
        new XAttribute("name", probe.Name),
        new XAttribute("time", Seconds(probe.DurationMs)),
        probe.Grade switch
        {
            ProbeGrade.Fail => new XElement("failure", new XAttribute("message", probe.Came), new XAttribute("type", "probe"), Text(probe)),
            ProbeGrade.Warning => new XElement("system-out", $"Warning. {Text(probe)}"),
            _ => null,
        });

    private static string Text(ProbeReport probe) => $"Expected: {probe.Expected}\nCame: {probe.Came}\nWhy it matters: {probe.Why}";

    private static object[] Counts(CheckReport report) =>
    [
        new XAttribute("tests", report.Probes.Count),
        new XAttribute("failures", report.Failed),
        new XAttribute("errors", 0),
        new XAttribute("skipped", 0),
        new XAttribute("time", Seconds(report.Probes.Sum(probe => probe.DurationMs))),
    ];

    private static XElement Property(string name, string value) => new("property", new XAttribute("name", name), new XAttribute("value", value));

    private static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);

    private static void Try(string path, Action<string> act)
    {
        try
        {
            act(Path.GetFullPath(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CheckException($"The JUnit file cannot be written: {failure.Message}");
        }
    }
}
