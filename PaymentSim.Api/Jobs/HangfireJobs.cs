using System.Reflection;
using Hangfire.Common;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Api.Jobs;

/// <summary>The one place that knows which Hangfire job does what, and what a Hangfire job is about.</summary>
internal static class HangfireJobs
{
    // Each charge makes a job: looked up once, and not read from an expression each time.
    private static readonly MethodInfo Deliver = typeof(WebhookJob).GetMethod(nameof(WebhookJob.Deliver))!;
    private static readonly MethodInfo DeliverSome = typeof(WebhookBatchJob).GetMethod(nameof(WebhookBatchJob.Deliver))!;

    public static Job For(IJob job) => job switch
    {
        DeliverWebhook delivery => For(delivery.DeliveryId),
        SettleCharge charge => Settlement(nameof(SettlementJob.Settle), charge.MerchantId, charge.ChargeId),
        ExpireCharge charge => Settlement(nameof(SettlementJob.Expire), charge.MerchantId, charge.ChargeId),
        SettleRefund refund => Settlement(nameof(SettlementJob.SettleRefund), refund.MerchantId, refund.RefundId),
        DecideDispute dispute => Settlement(nameof(SettlementJob.Decide), dispute.MerchantId, dispute.DisputeId),
        PayPayout payout => Settlement(nameof(SettlementJob.Pay), payout.MerchantId, payout.PayoutId),
        ExpireOverdueSession session => Settlement(nameof(SettlementJob.ExpireSession), session.MerchantId, session.SessionId),
        _ => throw new InvalidOperationException($"No Hangfire job does {job.GetType().Name}."),
    };

    private static Job Settlement(string method, string merchantId, string objectId) =>
        new(typeof(SettlementJob), typeof(SettlementJob).GetMethod(method)!, [merchantId, objectId, CancellationToken.None], WebhookJob.Queue);

    public static Job For(string deliveryId) => new(typeof(WebhookJob), Deliver, [deliveryId, CancellationToken.None], WebhookJob.Queue);

    /// <summary>One job for several first attempts.</summary>
    public static Job For(string[] deliveryIds) =>
        new(typeof(WebhookBatchJob), DeliverSome, [deliveryIds, null, CancellationToken.None], WebhookJob.Queue);

    /// <summary>The delivery of a job that has one, or null.</summary>
    public static string? DeliveryOf(Job? job) => job?.Type == typeof(WebhookJob) ? (string)job.Args[0] : null;

    /// <summary>The deliveries of a job that has several, or null.</summary>
    public static string[]? BatchOf(Job? job) => job?.Type == typeof(WebhookBatchJob) ? (string[])job.Args[0] : null;

    /// <summary>Of all the work that a job does. None: it is no job of ours.</summary>
    public static string[] KeysOf(Job? job) =>
        DeliveryOf(job) is { } delivery ? [delivery]
        : BatchOf(job) is { } batch ? batch
        : job?.Type == typeof(SettlementJob) ? [(string)job.Args[1]]
        : [];
}
