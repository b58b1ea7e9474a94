using System.Text.Json;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using PaymentSim.Core;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Console;

/// <summary>What became of the last thing that was done, shown once.</summary>
/// <param name="ChargeId">The charge that came of it.</param>
internal sealed record Notice(Tone Tone, string Title, string Text, string? ChargeId = null)
{
    private const string Slot = "notice";

    public static Notice Of(ChargeObject charge, Problem? declined)
    {
        var what = $"{new Money(charge.Amount, charge.Currency)} with {LatestCharges.PaidWith(charge)}";
        return (charge.Status, declined) switch
        {
            (_, { } reason) => new(Tone.Bad, "Declined", $"{what}: {reason.Message} ({string.Join(", ", Codes(reason))})", charge.Id),
            ("pending", _) => new(Tone.Waiting, "Pending", $"{what}: the bank answers later, watch the list below.", charge.Id),
            _ => new(Tone.Good, "Paid", $"{what}.", charge.Id),
        };
    }

    /// <summary>Keeps it for the page that the browser is sent to.</summary>
    public void Keep(ITempDataDictionary bag) => bag[Slot] = JsonSerializer.Serialize(this);

    public static Notice? Take(ITempDataDictionary bag) => bag[Slot] is string kept ? JsonSerializer.Deserialize<Notice>(kept) : null;

    private static IEnumerable<string> Codes(Problem problem) =>
        new[] { problem.Code?.Wire(), problem.DeclineCode }.OfType<string>().Distinct();
}
