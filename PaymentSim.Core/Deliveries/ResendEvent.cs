using FluentValidation;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// An event is sent once more: to every enabled endpoint that wants events of its type, or to the one that is named. An endpoint that never got it gets it
/// now. This is the call of the official CLI's <c>events resend</c>.
/// </summary>
public sealed record ResendEvent(string Id) : ICommand<EventObject>
{
    /// <summary><c>we_…</c>: only this one.</summary>
    public string? WebhookEndpoint { get; init; }

    /// <summary><c>acct_…</c>: the connected account whose event it is, instead of the header.</summary>
    public string? Account { get; init; }

    /// <summary>What the official CLI says when no endpoint is named: there, that it listens itself; here nothing more than that.</summary>
    [WithoutEffect]
    public bool? ForStripecli { get; init; }
}

internal sealed class ResendEventValidator : AbstractValidator<ResendEvent>
{
    public ResendEventValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class ResendEventHandler(
    RequestContext context, AccountStore accounts, EventStore events, WebhookEndpointStore endpoints, DeliveryStore deliveries, DeliveryReplay replay,
    IJobScheduler jobs, Ids ids, TimeProvider clock) : IRequestHandler<ResendEvent, EventObject>
{
    public async Task<EventObject> Handle(ResendEvent request, CancellationToken cancellationToken)
    {
        var merchant = await MerchantAsync(Text.NullIfEmpty(request.Account));
        var recorded = await events.FindAsync(merchant, request.Id) ?? throw new ProblemException(Problem.Missing("event", request.Id));
        var known = (await deliveries.ListOfEventToChangeAsync(merchant, recorded.Id)).ToLookup(delivery => delivery.EndpointId);
        if (Text.NullIfEmpty(request.WebhookEndpoint) is { } named)
        {
            var endpoint = await endpoints.FindAsync(merchant, named)
                ?? throw new ProblemException(Problem.Missing("webhook endpoint", named, "webhook_endpoint"));
            await ResendAsync(recorded, endpoint, known[named].FirstOrDefault());
        }
        else
        {
            foreach (var endpoint in await endpoints.ListEnabledAsync(merchant))
            {
                if (endpoint.Wants(recorded.Type)) await ResendAsync(recorded, endpoint, known[endpoint.Id].FirstOrDefault());
            }
        }

        var pending = await events.CountPendingAsync([recorded.Id]);
        return EventObject.Of(recorded, pending.GetValueOrDefault(recorded.Id));
    }

    private async Task<string> MerchantAsync(string? account)
    {
        if (account is null || account == context.MerchantId) return context.MerchantId;
        return (await accounts.FindAsync(context.MerchantId, account))?.Id ?? throw AccountStore.NoAccess(account);
    }

    private async Task ResendAsync(Event recorded, WebhookEndpoint endpoint, Delivery? before)
    {
        if (before is not null)
        {
            DeliveryReplay.Checked(await replay.SendAsync(before, endpoint), endpoint.Id, "webhook_endpoint");
            return;
        }

        if (endpoint.Status == WebhookEndpointStatus.Disabled) DeliveryReplay.Checked(ReplayResult.EndpointDisabled, endpoint.Id, "webhook_endpoint");
        if (!endpoint.Wants(recorded.Type))
        {
            throw new ProblemException(Problem.Invalid(
                $"The webhook endpoint {endpoint.Id} does not take events of type {recorded.Type}: its enabled_events say so.", "webhook_endpoint"));
        }

        var delivery = Delivery.Due(ids.New("whd"), recorded.Id, recorded.Type, endpoint, DeliveryTrigger.Replay, clock.GetUtcNow());
        await deliveries.InsertAsync(delivery);
        jobs.Enqueue(new DeliverWebhook(delivery.Id));
    }
}
