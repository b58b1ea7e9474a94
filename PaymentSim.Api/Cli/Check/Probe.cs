namespace PaymentSim.Api.Cli.Check;

/// <summary>How a handler did on a probe.</summary>
internal enum ProbeGrade
{
    Pass,

    /// <summary>Nothing is lost and nobody is let in, but it could be better.</summary>
    Warning,

    /// <summary>Events are lost or retried in vain, or others than the sender are believed.</summary>
    Fail,
}

/// <summary>One question to a handler.</summary>
/// <param name="Name">Short and fixed, for <c>--skip</c> and for reports over time.</param>
/// <param name="Expected">What a good handler answers.</param>
/// <param name="Why">In one sentence, what goes wrong otherwise.</param>
/// <param name="PlayAsync">Asks it.</param>
internal sealed record Probe(string Name, string Expected, string Why, Func<ProbeSession, Task<ProbeFinding>> PlayAsync)
{
    /// <summary>Being refused says something only where the same request, signed rightly, is accepted.</summary>
    public bool ExpectsRefusal { get; init; }

    /// <summary>All of them, in the order in which they are played: the first decides what the others are worth, the last repeats the first.</summary>
    public static IReadOnlyList<Probe> All { get; } =
    [
        DeliveryProbes.Valid,
        DeliveryProbes.Duplicate,
        DeliveryProbes.AtTheSameTime,
        .. SignatureProbes.All,
        DeliveryProbes.UnknownType,
        DeliveryProbes.UnknownFields,
        DeliveryProbes.OlderAfterNewer,
        DeliveryProbes.Large,
        DeliveryProbes.SlowClient,
        .. RequestProbes.All,
        DeliveryProbes.DuplicateLater,
    ];
}

/// <param name="Grade">How good that is.</param>
/// <param name="Came">What the handler answered, in words.</param>
internal sealed record ProbeFinding(ProbeGrade Grade, string Came)
{
    /// <summary>Every answer must be a success.</summary>
    public static ProbeFinding Accepted(params IReadOnlyList<ProbeAnswer> answers) =>
        Of(answers.All(answer => answer.IsSuccess) ? ProbeGrade.Pass : ProbeGrade.Fail, answers);

    /// <summary>
    /// A client error is right. A server error refuses, too, but looks like an outage to whoever watches the handler, and a redirect is nothing
    /// that a sender follows.
    /// </summary>
    public static ProbeFinding Refused(ProbeAnswer answer, ProbeGrade ifAccepted = ProbeGrade.Fail, ProbeGrade ifServerError = ProbeGrade.Warning) => Of(
        answer.Status switch
        {
            null => ProbeGrade.Fail,
            < 300 => ifAccepted,
            < 400 => ProbeGrade.Warning,
            < 500 => ProbeGrade.Pass,
            _ => ifServerError,
        },
        answer);

    public static ProbeFinding Of(ProbeGrade grade, params IReadOnlyList<ProbeAnswer> answers) =>
        new(grade, string.Join("; ", answers.Select(answer => answer.Text)));
}
