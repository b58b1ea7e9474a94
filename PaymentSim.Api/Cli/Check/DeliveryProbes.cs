using System.Text.Json.Nodes;

namespace PaymentSim.Api.Cli.Check;

/// <summary>Whether the handler takes all that a genuine sender delivers. Only its answers are seen: that a duplicate has no second effect it must know itself.</summary>
internal static class DeliveryProbes
{
    /// <summary>An event of a type that no handler was written for.</summary>
    private const string UnknownEvent = "paymentsim.unknown";

    private static readonly int[] Busy = [409, 423, 425, 429, 503];

    public static Probe Valid { get; } = new(
        "valid",
        "2xx within the time-out",
        "Anything but a 2xx is a failure to the sender: the event is sent again, for days.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.First))));

    public static Probe Duplicate { get; } = new(
        "duplicate",
        "2xx (a second effect cannot be seen from outside)",
        "Webhooks are delivered at least once; a duplicate that is answered with an error is sent again and again.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.First))));

    public static Probe DuplicateLater { get; } = new(
        "duplicate-later",
        "2xx (a second effect cannot be seen from outside)",
        "A replay brings an event again after many others: what was seen must be remembered in the database and not as the last one.",
        Duplicate.PlayAsync);

    public static Probe AtTheSameTime { get; } = new(
        "at-the-same-time",
        "2xx to both of two equal webhooks",
        "Two deliveries of one event can overlap: looking first and writing then lets both through, or one of them fail.",
        async session =>
        {
            var sample = session.NewEvent();
            var answers = await Task.WhenAll(session.SendAsync(session.Sign(sample)), session.SendAsync(session.Sign(sample)));
            var busy = answers.Any(answer => answer.IsSuccess) && answers.All(answer => answer.IsSuccess || (answer.Status is { } status && Busy.Contains(status)));
            return busy && !answers.All(answer => answer.IsSuccess) ? ProbeFinding.Of(ProbeGrade.Warning, answers) : ProbeFinding.Accepted(answers);
        });

    public static Probe UnknownType { get; } = new(
        "unknown-type",
        "2xx",
        "New types of events come without notice; one that is answered with an error is retried for days, and the endpoint counts as failing.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.Events.New(UnknownEvent)))));

    public static Probe UnknownFields { get; } = new(
        "unknown-fields",
        "2xx",
        "Fields are added to events without a new API version: a handler must not mind what it does not know.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.Events.New(session.Options.Event, change: body =>
        {
            foreach (var part in new[] { body, body["data"]!.AsObject(), body["data"]!["object"]!.AsObject() })
                part["added_later"] = new JsonObject { ["nested"] = new JsonArray(1, null, new JsonObject { ["deep"] = true }) };
        })))));

    public static Probe OlderAfterNewer { get; } = new(
        "older-after-newer",
        "2xx to both (which one counts cannot be seen from outside)",
        "Events come in any order: an older one is no error, and must not undo what a newer one did.",
        async session =>
        {
            var newer = session.NewEvent();
            var older = session.Events.New(SampleEvents.Before(session.Options.Event), newer.ObjectId, session.Now.AddMinutes(-1));
            return ProbeFinding.Accepted(
                (await session.SendAsync(session.Sign(newer))).Named("newer"), (await session.SendAsync(session.Sign(older))).Named("older"));
        });

    public static Probe Large { get; } = new(
        "large",
        "2xx",
        "Objects grow with metadata and lists; the body limits of many frameworks, 100 KB for example, refuse such events each time they are sent.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.Events.New(session.Options.Event, change: body =>
        {
            const int ValueLength = 500;
            var metadata = new JsonObject();
            for (var i = 0; i < session.Options.LargeBytes / ValueLength; i++) metadata[$"padding_{i}"] = new string('x', ValueLength);
            body["data"]!["object"]!["metadata"] = metadata;
        })))));

    public static Probe SlowClient { get; } = new(
        "slow-client",
        "2xx",
        "A body may come in pieces: whoever takes the first one for all of it sees a broken event, and a wrong signature.",
        async session => ProbeFinding.Accepted(await session.SendAsync(session.Sign(session.NewEvent()) with { Slowly = true })));
}
