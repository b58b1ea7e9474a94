namespace PaymentSim.Api.Cli.Check;

/// <summary>Whether the handler believes the sender, and nobody else. Whatever is wrong is wrong in both families of signatures.</summary>
internal static class SignatureProbes
{
    /// <summary>Beyond the tolerance, by more than two clocks may differ.</summary>
    private static readonly TimeSpan Beyond = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<Probe> All { get; } =
    [
        new("one-family",
            "2xx to a webhook with Stripe-Signature alone, or to one with the webhook-* headers alone",
            "Most senders sign in one way only; a handler that wants both understands nobody but the simulator.",
            async session =>
            {
                var stripe = await session.SendAsync(session.Sign(session.NewEvent())
                    .Without(ProbeRequest.WebhookId, ProbeRequest.WebhookTimestamp, ProbeRequest.WebhookSignatures));
                var standard = await session.SendAsync(session.Sign(session.NewEvent()).Without(ProbeRequest.StripeSignature));
                return ProbeFinding.Of(
                    stripe.IsSuccess || standard.IsSuccess ? ProbeGrade.Pass : ProbeGrade.Fail, stripe.Named("Stripe-Signature"), standard.Named("webhook-signature"));
            }),
        new("two-signatures",
            "2xx where the second of two signatures is right",
            "While a secret is being replaced each webhook carries a signature of the old and one of the new; whoever looks at the first alone loses events.",
            async session =>
            {
                var sample = session.NewEvent();
                return ProbeFinding.Accepted(await session.SendAsync(
                    ProbeRequest.Sign(sample.Id, sample.Body, [CheckOptions.NewSecret(), session.Options.Secret], session.Now)));
            }),
        Refused("no-signature",
            "Without a signature anybody who knows the URL can report payments that never were.",
            session => session.Sign(session.NewEvent()).Without(ProbeRequest.StripeSignature, ProbeRequest.WebhookSignatures)),
        Refused("bad-signature",
            "A signature that is wrong in one place is no signature: whoever compares less than all of it can be guessed.",
            session => session.Sign(session.NewEvent())
                .With(ProbeRequest.StripeSignature, header => ChangedAt(header, header.Length - 1))
                .With(ProbeRequest.WebhookSignatures, header => ChangedAt(header, header.Length - 4))),
        Refused("wrong-secret",
            "Another endpoint's secret, or a made-up one, must not open this one.",
            session =>
            {
                var sample = session.NewEvent();
                return ProbeRequest.Sign(sample.Id, sample.Body, [CheckOptions.NewSecret()], session.Now);
            }),
        Refused("unknown-scheme",
            "A scheme that the handler does not know may be a weaker one: only v1 counts, whatever stands beside it.",
            session => session.Sign(session.NewEvent())
                .With(ProbeRequest.StripeSignature, header => header.Replace("v1=", "v0=", StringComparison.Ordinal))
                .With(ProbeRequest.WebhookSignatures, header => header.Replace("v1,", "v0,", StringComparison.Ordinal))),
        Refused("altered-body",
            "The signature is of the body's bytes; if they can be changed under it, so can the amount.",
            session =>
            {
                var (genuine, altered) = (session.NewEvent(), session.NewEvent());
                return session.Sign(genuine) with { Body = altered.Body };
            }),
        Refused("old-signature",
            "A webhook that somebody recorded would be good for ever if its age did not count.",
            session => session.Sign(session.NewEvent(), session.Now - session.Options.Tolerance - Beyond)),
        Refused("future-timestamp",
            "A signature from the future stays good for longer than the tolerance; some official SDKs take it, which is why this is no failure.",
            session => session.Sign(session.NewEvent(), session.Now + session.Options.Tolerance + Beyond),
            ProbeGrade.Warning),
    ];

    private static Probe Refused(string name, string why, Func<ProbeSession, ProbeRequest> make, ProbeGrade ifAccepted = ProbeGrade.Fail) => new(
        name, "4xx", why, async session => ProbeFinding.Refused(await session.SendAsync(make(session)), ifAccepted)) { ExpectsRefusal = true };

    private static string ChangedAt(string text, int at) => string.Concat(text.AsSpan(0, at), text[at] == '0' ? "1" : "0", text.AsSpan(at + 1));
}
