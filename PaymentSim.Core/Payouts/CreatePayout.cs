using FluentValidation;
using MediatR;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Payouts;

/// <summary>Sends available money to the merchant's bank.</summary>
public sealed record CreatePayout : ICommand<PayoutObject>, IExpands
{
    /// <summary>Minor units; at most what is available in the currency.</summary>
    public long? Amount { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public string? Currency { get; init; }

    public string? Description { get; init; }

    /// <summary>A bank account's id, taken as it is; the merchant's one account unless told.</summary>
    public string? Destination { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary><c>standard</c> or <c>instant</c>; both take the same time here.</summary>
    public string? Method { get; init; }

    /// <summary><c>card</c>, <c>bank_account</c> or <c>fpx</c>; there is one balance for all of them.</summary>
    public string? SourceType { get; init; }

    /// <summary>At most 22 characters.</summary>
    public string? StatementDescriptor { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class CreatePayoutValidator : AbstractValidator<CreatePayout>
{
    public CreatePayoutValidator()
    {
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Amount)
            .NotNull().WithMessage("Missing required param: amount.").WithCode(ProblemCode.ParameterMissing)
            .GreaterThanOrEqualTo(1).WithMessage("Invalid positive integer").WithCode(ProblemCode.ParameterInvalidInteger);
        RuleFor(c => c.Currency)
            .NotEmpty().WithMessage("Missing required param: currency.").WithCode(ProblemCode.ParameterMissing)
            .Must(code => Core.Currency.Find(code) is not null)
            .WithMessage(c => $"Invalid currency: {c.Currency}. Use the three letters of an ISO 4217 code, such as usd.");
        RuleFor(c => c.Method).Must(method => string.IsNullOrEmpty(method) || method is "standard" or "instant")
            .WithMessage("Invalid method: must be one of standard or instant");
        RuleFor(c => c.SourceType).Must(type => string.IsNullOrEmpty(type) || type is "card" or "bank_account" or "fpx")
            .WithMessage("Invalid source_type: must be one of bank_account, card, or fpx");
        RuleFor(c => c.StatementDescriptor).MaximumLength(22).WithMessage("The statement descriptor must be at most 22 characters.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class CreatePayoutHandler(
    RequestContext context, PayoutStore payouts, PayoutArrival arrival, PayoutEvents events, BalanceStore balance, Ledger ledger, Ids ids, TimeProvider clock)
    : IRequestHandler<CreatePayout, PayoutObject>
{
    public async Task<PayoutObject> Handle(CreatePayout request, CancellationToken cancellationToken)
    {
        var money = new Money(request.Amount!.Value, Currency.Find(request.Currency)!.Code);
        await MustBeAvailableAsync(money);

        var (id, now) = (ids.New("po"), clock.GetUtcNow());
        var transaction = await ledger.RecordAsync(
            new Movement(context.MerchantId, BalanceTransactionType.Payout, -money.Amount, money.Currency, id)
            {
                Description = Text.NullIfEmpty(request.Description) ?? "PAYOUT",
            });
        var payout = new Payout
        {
            Id = id,
            MerchantId = context.MerchantId,
            Amount = money.Amount,
            Currency = money.Currency,
            Status = PayoutStatus.Pending,
            ArrivesAt = now + arrival.Delay,
            Destination = Text.NullIfEmpty(request.Destination) ?? "ba_" + context.MerchantId[(context.MerchantId.IndexOf('_', StringComparison.Ordinal) + 1)..],
            Metadata = Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
            SettlesAt = now + arrival.Delay,
            CreatedAt = now,
            Details = new PayoutDetails
            {
                BalanceTransaction = transaction.Id,
                Description = Text.NullIfEmpty(request.Description),
                Method = Text.NullIfEmpty(request.Method) ?? "standard",
                SourceType = Text.NullIfEmpty(request.SourceType) ?? "card",
                StatementDescriptor = Text.NullIfEmpty(request.StatementDescriptor),
            },
        };
        await payouts.SaveAsync(payout);
        await events.AppendAsync(payout, EventTypes.PayoutCreated);
        arrival.Schedule(payout);
        return PayoutObject.Of(payout);
    }

    private async Task MustBeAvailableAsync(Money money)
    {
        await payouts.LockBalanceAsync(context.MerchantId);
        var sums = await balance.SumAsync(context.MerchantId, clock.GetUtcNow());
        var available = sums.FirstOrDefault(sum => sum.Currency == money.Currency)?.Available ?? 0;
        if (money.Amount > available)
        {
            throw new ProblemException(Problem.Invalid(
                $"You have insufficient funds for this payout: {money with { Amount = Math.Max(0, available) }} is available.",
                "amount",
                ProblemCode.BalanceInsufficient));
        }
    }
}
