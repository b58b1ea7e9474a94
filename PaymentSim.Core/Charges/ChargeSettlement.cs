using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Charges;

/// <summary>How long the simulated bank takes.</summary>
/// <param name="Delay">From a bank debit's, a refund's or a payout's creation to the bank's answer, where that does not come at once.</param>
public sealed record SettlementOptions(TimeSpan Delay);

/// <summary>What happens to charges by itself, each as a job: the bank's answer to a pending one, the end of an authorisation's time.</summary>
internal sealed class ChargeSettlement(SettlementOptions options, ChargeStore charges, IJobScheduler jobs) : IDueWork
{
    /// <summary>How long an authorisation can be captured.</summary>
    public static readonly TimeSpan AuthorizedFor = TimeSpan.FromDays(7);

    /// <summary>When something happens to a charge of this state by itself; null: never.</summary>
    public DateTimeOffset? DueAt(ChargeStatus status, bool captured, DateTimeOffset created) => status switch
    {
        ChargeStatus.Pending => created + options.Delay,
        ChargeStatus.Succeeded when !captured => created + AuthorizedFor,
        _ => null,
    };

    /// <summary>Leaves the job of a charge that has something to come.</summary>
    public void Schedule(Charge charge)
    {
        if (charge.SettlesAt is { } time) jobs.Enqueue(JobOf(charge), time);
    }

    public async Task<IEnumerable<IJob>> ListDueAsync(DateTimeOffset now, string afterKey, int limit) =>
        (await charges.ListDueAsync(now, afterKey, limit)).Select(JobOf);

    public Task<DateTimeOffset?> NextDueAsync(DateTimeOffset after) => charges.NextDueAsync(after);

    private static IJob JobOf(Charge charge) =>
        charge.Status == ChargeStatus.Pending ? new SettleCharge(charge.MerchantId, charge.Id) : new ExpireCharge(charge.MerchantId, charge.Id);
}
