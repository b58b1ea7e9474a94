using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>One delivery of the merchant with every attempt, each with its whole request and a command line that repeats it.</summary>
public sealed record GetDelivery(string Id) : IQuery<DeliveryObject>;

internal sealed class GetDeliveryHandler(RequestContext context, DeliveryStore deliveries, EventStore events, WebhookEndpointStore endpoints)
    : IRequestHandler<GetDelivery, DeliveryObject>
{
    public async Task<DeliveryObject> Handle(GetDelivery request, CancellationToken cancellationToken)
    {
        if (await deliveries.FindAsync(request.Id) is not { } delivery || delivery.MerchantId != context.MerchantId)
            throw new ProblemException(Problem.Missing("delivery", request.Id));

        var recorded = await events.FindAsync(delivery.MerchantId, delivery.EventId);
        // Where the endpoint is gone, what its version was is not known any more.
        var endpoint = await endpoints.FindAsync(delivery.MerchantId, delivery.EndpointId);
        var payload = recorded?.PayloadFor(endpoint?.ApiVersion ?? recorded.ApiVersion);
        var shown = DeliveryObject.Of(delivery, await deliveries.ListAttemptsAsync(delivery.Id));
        return shown with { Attempts = [.. shown.Attempts.Select(WithRequest)] };

        AttemptObject WithRequest(AttemptObject attempt)
        {
            var body = attempt.RequestBody ?? payload;
            return attempt with { RequestBody = body, Curl = CurlCommand.Of(attempt.Url, attempt.RequestHeaders, body) };
        }
    }
}
