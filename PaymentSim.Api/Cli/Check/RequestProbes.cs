using System.Text;

namespace PaymentSim.Api.Cli.Check;

/// <summary>Requests that are no webhooks: they must neither be taken for some nor break anything.</summary>
internal static class RequestProbes
{
    public static IReadOnlyList<Probe> All { get; } =
    [
        new("wrong-method",
            "4xx to a GET: 405 or 404",
            "Crawlers and monitors call every URL: a 2xx says that a webhook was taken where none came, a 5xx wakes somebody up.",
            async session => ProbeFinding.Refused(
                await session.SendAsync(session.Sign(session.NewEvent()) with { Method = HttpMethod.Get }), ifServerError: ProbeGrade.Fail))
        {
            ExpectsRefusal = true,
        },
        new("wrong-content-type",
            "2xx or 4xx to text/plain, but no 5xx",
            "A body that a framework did not parse must not become a null that nobody thought of.",
            async session => ProbeFinding.Refused(
                await session.SendAsync(session.Sign(session.NewEvent()).With(ProbeRequest.ContentType, "text/plain")), ProbeGrade.Pass, ProbeGrade.Fail)),
        new("empty-body",
            "4xx, though it is signed",
            "There is no event in it: whoever crashes is asked again, and whoever says yes has taken nothing.",
            session => BodyAsync(session, "")) { ExpectsRefusal = true },
        new("not-json",
            "4xx, though it is signed",
            "A signature says who sent it, not that it is well-formed; a crash looks like an outage, and is asked again.",
            session => BodyAsync(session, "{\"id\": \"evt_broken\", \"type\": ")) { ExpectsRefusal = true },
    ];

    private static async Task<ProbeFinding> BodyAsync(ProbeSession session, string body) => ProbeFinding.Refused(
        await session.SendAsync(session.Sign(session.NewEvent().Id, Encoding.UTF8.GetBytes(body))), ProbeGrade.Warning, ProbeGrade.Fail);
}
