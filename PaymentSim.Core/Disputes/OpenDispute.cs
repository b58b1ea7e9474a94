using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Network;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Disputes;

/// <summary>For tests: the customer's bank asks for a charge's money back, whatever its card.</summary>
public sealed record OpenDispute(string Charge) : ICommand<DisputeObject>
{
    /// <summary><c>fraudulent</c> unless told.</summary>
    public string? Reason { get; init; }

    /// <summary>True: the bank only inquires, and takes nothing.</summary>
    public bool? Inquiry { get; init; }
}

internal sealed class OpenDisputeValidator : AbstractValidator<OpenDispute>
{
    public OpenDisputeValidator() => RuleFor(c => c.Reason).Must(reason => reason is null || OpenDisputeHandler.Reasons.ContainsKey(reason))
        .WithMessage($"Invalid reason: must be one of {string.Join(", ", OpenDisputeHandler.Reasons.Keys)}");
}

internal sealed class OpenDisputeHandler(RequestContext context, ChargeStore charges, DisputeMaker disputes, TimeProvider clock)
    : IRequestHandler<OpenDispute, DisputeObject>
{
    private const string Usual = "fraudulent";

    /// <summary>Each with Visa's code of it.</summary>
    public static readonly IReadOnlyDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        [Usual] = "10.4",
        ["product_not_received"] = "13.1",
        ["subscription_canceled"] = "13.2",
        ["product_unacceptable"] = "13.3",
        ["credit_not_processed"] = "13.6",
        ["unrecognized"] = "10.4",
        ["duplicate"] = "12.6.1",
        ["general"] = "10.4",
    };

    public async Task<DisputeObject> Handle(OpenDispute request, CancellationToken cancellationToken)
    {
        var reason = request.Reason ?? Usual;
        var charge = await charges.GetToChangeAsync(context.MerchantId, request.Charge);
        return DisputeObject.Of(await disputes.OpenAsync(charge, new TestDispute(reason, Reasons[reason], request.Inquiry == true)), clock.GetUtcNow());
    }
}
