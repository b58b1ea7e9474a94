using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Core.Checkout;

/// <summary>
/// A checkout session's time is over. Answers its status, null where there is no such session; one that is not open any more, or has time left, is left as it is.
/// </summary>
public sealed record ExpireOverdueSession(string MerchantId, string SessionId) : ICommand<CheckoutStatus?>, IJob
{
    string IJob.Key => SessionId;
}

internal sealed class ExpireOverdueSessionValidator : AbstractValidator<ExpireOverdueSession>
{
    public ExpireOverdueSessionValidator()
    {
        RuleFor(c => c.MerchantId).NotEmpty();
        RuleFor(c => c.SessionId).NotEmpty();
    }
}

internal sealed class ExpireOverdueSessionHandler(CheckoutExpiry expiry) : IRequestHandler<ExpireOverdueSession, CheckoutStatus?>
{
    public async Task<CheckoutStatus?> Handle(ExpireOverdueSession request, CancellationToken cancellationToken) =>
        (await expiry.ExpireAsync(request.MerchantId, request.SessionId, onlyOverdue: true))?.Status;
}
