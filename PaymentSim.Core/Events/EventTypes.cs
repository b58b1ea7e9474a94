namespace PaymentSim.Core.Events;

/// <summary>The types of events that the simulator records.</summary>
public static class EventTypes
{
    public const string ChargeSucceeded = "charge.succeeded";
    public const string ChargeFailed = "charge.failed";
    public const string ChargePending = "charge.pending";
    public const string ChargeCaptured = "charge.captured";
    public const string ChargeExpired = "charge.expired";
    public const string ChargeRefunded = "charge.refunded";
    public const string ChargeRefundUpdated = "charge.refund.updated";

    public const string DisputeCreated = "charge.dispute.created";
    public const string DisputeUpdated = "charge.dispute.updated";
    public const string DisputeClosed = "charge.dispute.closed";
    public const string DisputeFundsWithdrawn = "charge.dispute.funds_withdrawn";
    public const string DisputeFundsReinstated = "charge.dispute.funds_reinstated";

    public const string RefundCreated = "refund.created";
    public const string RefundUpdated = "refund.updated";
    public const string RefundFailed = "refund.failed";
    public const string ChargeUpdated = "charge.updated";

    public const string PaymentIntentCreated = "payment_intent.created";
    public const string PaymentIntentRequiresAction = "payment_intent.requires_action";
    public const string PaymentIntentProcessing = "payment_intent.processing";
    public const string PaymentIntentAmountCapturableUpdated = "payment_intent.amount_capturable_updated";
    public const string PaymentIntentSucceeded = "payment_intent.succeeded";
    public const string PaymentIntentPaymentFailed = "payment_intent.payment_failed";
    public const string PaymentIntentCanceled = "payment_intent.canceled";

    public const string SetupIntentCreated = "setup_intent.created";
    public const string SetupIntentRequiresAction = "setup_intent.requires_action";
    public const string SetupIntentSucceeded = "setup_intent.succeeded";
    public const string SetupIntentSetupFailed = "setup_intent.setup_failed";
    public const string SetupIntentCanceled = "setup_intent.canceled";

    public const string PayoutCreated = "payout.created";
    public const string PayoutUpdated = "payout.updated";
    public const string PayoutPaid = "payout.paid";
    public const string PayoutFailed = "payout.failed";
    public const string PayoutCanceled = "payout.canceled";

    public const string CheckoutSessionCompleted = "checkout.session.completed";
    public const string CheckoutSessionExpired = "checkout.session.expired";

    public const string CustomerCreated = "customer.created";
    public const string CustomerUpdated = "customer.updated";
    public const string CustomerDeleted = "customer.deleted";
    public const string CustomerSourceCreated = "customer.source.created";
    public const string CustomerSourceUpdated = "customer.source.updated";
    public const string CustomerSourceDeleted = "customer.source.deleted";
    public const string PaymentMethodAttached = "payment_method.attached";
    public const string PaymentMethodUpdated = "payment_method.updated";
    public const string PaymentMethodDetached = "payment_method.detached";

    /// <summary>The simulator's own: it sends nothing any more to an endpoint, which its merchant did not ask for; the object is the endpoint with its policy, which says why.</summary>
    public const string WebhookEndpointDisabled = "webhook_endpoint.disabled";

    /// <summary>Stands for all of them in an endpoint's <c>enabled_events</c>.</summary>
    public const string All = "*";
}
