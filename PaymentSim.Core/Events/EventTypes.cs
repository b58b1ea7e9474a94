namespace PaymentSim.Core.Events;

/// <summary>The types of events that the simulator records.</summary>
public static class EventTypes
{
    public const string ChargeSucceeded = "charge.succeeded";
    public const string ChargeFailed = "charge.failed";
    public const string ChargePending = "charge.pending";
    public const string ChargeUpdated = "charge.updated";

    /// <summary>Stands for all of them in an endpoint's <c>enabled_events</c>.</summary>
    public const string All = "*";
}
