namespace PaymentSim.Core.Deliveries;

/// <summary>A sender's place in an endpoint's lane, until all that take part in it have disposed it; or the reason why it was not let in.</summary>
internal sealed class LanePass(EndpointLanes lanes, EndpointLanes.Lane lane, int granted, bool isSlow) : IDisposable
{
    private int _users = granted > 0 ? 1 : 0;

    /// <summary>How many of its webhooks it may send; 0: none.</summary>
    public int Granted => granted;

    /// <summary>Why it may not send all of them.</summary>
    public required string Reason { get; init; }

    /// <summary>When to ask again for the others.</summary>
    public required DateTimeOffset Earliest { get; init; }

    /// <summary>Over how long they are spread from then on, at the most.</summary>
    public required TimeSpan Spread { get; init; }

    /// <summary>How many the endpoint takes in a second; null: as many as there are.</summary>
    public long? RateLimit { get; init; }

    /// <summary>How many went through in the last second, where there was a crowd; null: there was none.</summary>
    public long? Pace { get; init; }

    /// <summary>What becomes of those that may not be sent now, and stay together: each time is another.</summary>
    /// <param name="count">How many they are.</param>
    public DeliveryOutcome Postpone(int count = 1) => new(DeliveryResult.Postponed, $"Waiting: {Reason}")
    {
        NextAttemptAt = lanes.ComeBack(lane, this, count),
    };

    /// <summary>One more takes part.</summary>
    public void Share() => Interlocked.Increment(ref _users);

    /// <summary>What came of one webhook.</summary>
    public void Answered(SendResult result) => lanes.Answered(lane, result);

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0) lanes.Leave(lane, isSlow);
    }
}
