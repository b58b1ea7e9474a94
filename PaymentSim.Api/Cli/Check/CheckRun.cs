using System.Diagnostics;

namespace PaymentSim.Api.Cli.Check;

/// <summary>Plays the probes, one after the other.</summary>
internal sealed class CheckRun(CheckOptions options, TimeProvider clock)
{
    /// <param name="onProbe">Is told what is played now.</param>
    /// <exception cref="CheckException">The handler cannot be reached at all.</exception>
    public async Task<CheckReport> RunAsync(Action<Probe> onProbe, CancellationToken stop)
    {
        using var session = new ProbeSession(options, clock, stop);
        var reports = new List<ProbeReport>();
        var trusted = true;
        foreach (var probe in Probe.All.Where(probe => !options.Skip.Contains(probe.Name)))
        {
            onProbe(probe);
            var started = Stopwatch.GetTimestamp();
            var finding = await probe.PlayAsync(session);
            if (probe == DeliveryProbes.Valid) trusted = finding.Grade == ProbeGrade.Pass;
            else if (!trusted && probe.ExpectsRefusal && finding.Grade == ProbeGrade.Pass) finding = Worthless(finding);
            reports.Add(new ProbeReport(
                probe.Name, finding.Grade, probe.Expected, finding.Came, probe.Why, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds));
        }

        return new CheckReport(options.Url.ToString(), options.Event, reports);
    }

    /// <summary>Whoever refuses everything refuses the right things, too.</summary>
    private static ProbeFinding Worthless(ProbeFinding finding) =>
        new(ProbeGrade.Warning, $"{finding.Came}; but the valid event was not accepted either, so this proves nothing");
}
