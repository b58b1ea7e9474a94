using System.Text.Json.Serialization;

namespace PaymentSim.Api.Cli.Check;

/// <summary>How a handler did: what <c>--json</c> prints.</summary>
/// <param name="Event">The type of the events that were sent.</param>
internal sealed record CheckReport(string Url, string Event, IReadOnlyList<ProbeReport> Probes)
{
    public int Passed => Count(ProbeGrade.Pass);

    public int Warnings => Count(ProbeGrade.Warning);

    public int Failed => Count(ProbeGrade.Fail);

    /// <summary>True where nothing at all is left to be wished for.</summary>
    [JsonIgnore]
    public bool IsPerfect => Passed == Probes.Count;

    private int Count(ProbeGrade grade) => Probes.Count(probe => probe.Grade == grade);
}

/// <param name="Name">The probe's.</param>
/// <param name="Grade"><c>pass</c>, <c>warning</c> or <c>fail</c>.</param>
/// <param name="Expected">What a good handler answers.</param>
/// <param name="Came">What this one did.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="DurationMs">How long the probe took.</param>
internal sealed record ProbeReport(string Name, ProbeGrade Grade, string Expected, string Came, string Why, long DurationMs);
