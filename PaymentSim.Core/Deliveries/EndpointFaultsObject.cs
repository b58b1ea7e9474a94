using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>An endpoint's plan of faults, and how far it has got.</summary>
public sealed record EndpointFaultsObject
{
    public string Object { get; init; } = "test_helpers.webhook_faults";

    /// <summary>The endpoint's id.</summary>
    public required string WebhookEndpoint { get; init; }

    /// <summary>The same seed plays the same faults on the same webhooks; null where there is no plan.</summary>
    public long? Seed { get; init; }

    /// <summary>When it was set, in unix seconds; null where there is no plan.</summary>
    public long? Created { get; init; }

    /// <summary>How many deliveries it has met since then.</summary>
    public long Deliveries { get; init; }

    /// <summary>None: there is no plan.</summary>
    public required IReadOnlyList<FaultObject> Faults { get; init; }

    internal static EndpointFaultsObject Of(string endpointId, FaultPlan? plan, FaultCounts? counts)
    {
        // Another plan's counts say nothing of this one.
        var known = counts is not null && counts.Plan == plan?.Id ? counts : null;
        return new EndpointFaultsObject
        {
            WebhookEndpoint = endpointId,
            Seed = plan?.Seed,
            Created = plan?.CreatedAt.ToUnixTimeSeconds(),
            Deliveries = known?.Deliveries ?? 0,
            Faults = plan is null ? [] : [.. plan.Faults.Select((fault, place) => new FaultObject
            {
                Kind = fault.Kind.Wire(),
                Probability = fault.Probability,
                Next = fault.Next,
                Left = plan.Left(place, known?.Deliveries ?? 0),
                Attempts = fault.Attempts,
                Delay = fault.Delay,
                Age = fault.Age,
                Played = known?.Played[place] ?? 0,
            })],
        };
    }
}

/// <summary>One fault of an endpoint's plan.</summary>
public sealed record FaultObject
{
    /// <summary><c>delay</c>, <c>reorder</c>, <c>drop</c>, <c>wrong_secret</c>, <c>stale_timestamp</c>, <c>bad_signature</c>, <c>corrupt</c>, <c>reset</c> or <c>duplicate</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Of each delivery to meet it, from 0 to 1; null: the <see cref="Next"/> ones do.</summary>
    public double? Probability { get; init; }

    /// <summary>How many deliveries were to meet it when the plan was set.</summary>
    public long? Next { get; init; }

    /// <summary>How many of them are still to come.</summary>
    public long? Left { get; init; }

    /// <summary>Of such a delivery, the first so many attempts.</summary>
    public required long Attempts { get; init; }

    /// <summary>Milliseconds.</summary>
    public long? Delay { get; init; }

    /// <summary>Seconds.</summary>
    public long? Age { get; init; }

    /// <summary>At how many attempts it was played.</summary>
    public required long Played { get; init; }
}
