using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>Changes a checkout session's metadata, in whichever status it is.</summary>
public sealed record UpdateCheckoutSession(string Session) : ICommand<CheckoutSessionObject>, IExpands
{
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }
}

internal sealed class UpdateCheckoutSessionValidator : AbstractValidator<UpdateCheckoutSession>
{
    public UpdateCheckoutSessionValidator() => RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
}

internal sealed class UpdateCheckoutSessionHandler(RequestContext context, CheckoutStore sessions) : IRequestHandler<UpdateCheckoutSession, CheckoutSessionObject>
{
    public async Task<CheckoutSessionObject> Handle(UpdateCheckoutSession request, CancellationToken cancellationToken)
    {
        var before = await sessions.GetToChangeAsync(context.MerchantId, request.Session);
        var after = before with { Metadata = Metadata.Merge(before.Metadata, request.Metadata) };
        await sessions.SaveAsync(after);
        return CheckoutSessionObject.Of(after);
    }
}
