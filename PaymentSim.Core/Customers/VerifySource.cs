using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>
/// Proves that a bank account is the customer's, by the two small amounts that it was sent; only then can it be debited. In tests these are always 32 and 45.
/// </summary>
public sealed record VerifySource(string Customer, string Id) : ICommand<SourceVerification>, IExpands
{
    /// <summary>Two, in minor units.</summary>
    public IReadOnlyList<long>? Amounts { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

/// <summary>How the attempt ended. One that failed counts, so it is no refusal that would leave nothing behind.</summary>
/// <param name="Source">The account as it is now.</param>
/// <param name="Failed">Why it is not verified.</param>
public sealed record SourceVerification(CustomerSource Source, Problem? Failed = null) : IHoldsObject<CustomerSource>
{
    object? IHoldsObject.Held => Failed is null ? Source : null;
}

internal sealed class VerifySourceValidator : AbstractValidator<VerifySource>
{
    public VerifySourceValidator()
    {
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Amounts)
            .NotNull().WithMessage("Missing required param: amounts.").WithCode(ProblemCode.ParameterMissing)
            .Must(amounts => amounts!.Count == 2).WithMessage("Invalid array: amounts must be the two amounts, in cents, that were sent to the bank account.");
    }
}

internal sealed class VerifySourceHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<VerifySource, SourceVerification>
{
    private const int MostAttempts = 10;

    private static readonly long[] Sent = [32, 45];

    public async Task<SourceVerification> Handle(VerifySource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer);
        var before = PaymentMethodIntake.SourceOf(customer.Id, await methods.FindToChangeAsync(context.MerchantId, request.Id), request.Id);
        var verification = before.Details.Verification switch
        {
            null => throw new ProblemException(Problem.Invalid($"{before.Id} is a card; only bank accounts are verified.", "id")),
            { Status: AccountStatus.Verified } => throw new ProblemException(Problem.Invalid("This bank account has already been verified.", "id")),
            { Status: AccountStatus.VerificationFailed } => throw new ProblemException(TooOften),
            var open => open,
        };

        var matches = request.Amounts!.Order().SequenceEqual(Sent);
        var attempts = verification.FailedAttempts + (matches ? 0 : 1);
        var status = matches ? AccountStatus.Verified : attempts == MostAttempts ? AccountStatus.VerificationFailed : AccountStatus.New;
        var after = before with { Details = before.Details with { Verification = new AccountVerification(status, attempts) } };
        await methods.SaveAsync(after);

        var answer = PaymentMethodObject.SourceOf(after);
        var previous = PreviousAttributes.Between(PaymentMethodObject.SourceOf(before), answer);
        if (previous.Count > 0) await events.AppendAsync(after.MerchantId, EventTypes.CustomerSourceUpdated, after.Id, answer, previous);
        return new SourceVerification(answer, status switch
        {
            AccountStatus.Verified => null,
            AccountStatus.VerificationFailed => TooOften,
            _ => Problem.Invalid(
                "The amounts provided do not match the amounts that were sent to the bank account.", "amounts", ProblemCode.BankAccountVerificationFailed),
        });
    }

    private static Problem TooOften => Problem.Invalid(
        $"This bank account cannot be verified any more: {MostAttempts} attempts have failed.", code: ProblemCode.BankAccountVerificationFailed);
}
