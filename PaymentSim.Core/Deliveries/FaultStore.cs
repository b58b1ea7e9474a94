using PaymentSim.Core.Storage;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>How far an endpoint's plan of faults has got.</summary>
internal sealed record FaultCounts
{
    public required string Plan { get; init; }

    /// <summary>How many deliveries were numbered.</summary>
    public required long Deliveries { get; init; }

    /// <summary>For each fault of the plan, at how many attempts it happened.</summary>
    public required IReadOnlyList<long> Played { get; init; }
}

/// <summary>A delivery that meets faults.</summary>
internal sealed record FaultyDelivery
{
    public required string DeliveryId { get; init; }

    /// <summary>By which its endpoint's plan knows it.</summary>
    public required long Number { get; init; }

    /// <summary>How many there were when it got its number.</summary>
    public required long AttemptsBefore { get; init; }

    /// <summary>Its first attempt was planned later, at this time.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>A later one is to overtake it, and none has.</summary>
    public required bool Waits { get; init; }
}

/// <summary>The faults' SQL. None of it is run for an endpoint without a plan.</summary>
internal sealed class FaultStore(Database database)
{
    static FaultStore() => TypeHandlers.AddJson<IReadOnlyList<long>>();

    /// <summary>Inside a write unit: the endpoint has another plan from now on.</summary>
    public async Task BeginAsync(WebhookEndpoint endpoint, FaultPlan plan)
    {
        await EndAsync(endpoint);
        await database.SendAsync(
            "INSERT INTO webhook_faults (merchant_id, endpoint_id, plan, deliveries, played) VALUES (@MerchantId, @Id, @Plan, 0, @Played)",
            new { endpoint.MerchantId, endpoint.Id, Plan = plan.Id, Played = (IReadOnlyList<long>)new long[plan.Faults.Count] });
    }

    /// <summary>Inside a write unit: the endpoint has none from now on.</summary>
    public async Task EndAsync(WebhookEndpoint endpoint)
    {
        await database.SendAsync("DELETE FROM webhook_faults WHERE merchant_id = @MerchantId AND endpoint_id = @Id", new { endpoint.MerchantId, endpoint.Id });
        await database.SendAsync("DELETE FROM faulty_deliveries WHERE endpoint_id = @Id AND merchant_id = @MerchantId", new { endpoint.MerchantId, endpoint.Id });
    }

    public Task<FaultCounts?> CountsAsync(WebhookEndpoint endpoint) => database.FirstOrDefaultAsync<FaultCounts>(
        "SELECT plan, deliveries, played FROM webhook_faults WHERE merchant_id = @MerchantId AND endpoint_id = @Id", new { endpoint.MerchantId, endpoint.Id });

    /// <summary>Inside a write unit: the number of the endpoint's next delivery. Null: it has another plan since.</summary>
    public Task<long?> NextNumberAsync(WebhookEndpoint endpoint, FaultPlan plan) => database.FirstOrDefaultAsync<long?>(
        """
        UPDATE webhook_faults SET deliveries = deliveries + 1 WHERE merchant_id = @MerchantId AND endpoint_id = @Id AND plan = @Plan
        RETURNING deliveries
        """,
        new { endpoint.MerchantId, endpoint.Id, Plan = plan.Id });

    /// <summary>Inside a write unit: remembers a delivery's number.</summary>
    public Task NumberAsync(WebhookEndpoint endpoint, FaultPlan plan, FaultyDelivery faulty) => database.SendAsync(
        """
        INSERT INTO faulty_deliveries (delivery_id, merchant_id, endpoint_id, plan, number, attempts_before, held_until, waits)
        VALUES (@DeliveryId, @MerchantId, @Id, @Plan, @Number, @AttemptsBefore, @HeldUntil, @Waits)
        ON CONFLICT (delivery_id) DO UPDATE SET plan = @Plan, number = @Number, attempts_before = @AttemptsBefore, held_until = @HeldUntil, waits = @Waits
        """,
        new { faulty.DeliveryId, endpoint.MerchantId, endpoint.Id, Plan = plan.Id, faulty.Number, faulty.AttemptsBefore, faulty.HeldUntil, faulty.Waits });

    /// <summary>The delivery's number in this plan; null: it meets none of its faults.</summary>
    public Task<FaultyDelivery?> FindAsync(string deliveryId, FaultPlan plan) => database.FirstOrDefaultAsync<FaultyDelivery>(
        "SELECT delivery_id, number, attempts_before, held_until, waits FROM faulty_deliveries WHERE delivery_id = @deliveryId AND plan = @Plan",
        new { deliveryId, Plan = plan.Id });

    /// <summary>Inside the write unit that claims the delivery: these faults happen to this attempt.</summary>
    public async Task PlayAsync(ClaimedDelivery claimed)
    {
        if (claimed.Faults is not { } faults) return;
        var (endpoint, plan) = (claimed.Endpoint, faults.Plan.Id);
        await NoteAsync(claimed, faults.Text);
        var played = await database.FirstOrDefaultAsync<FaultCounts>(
            $"SELECT plan, deliveries, played FROM webhook_faults WHERE merchant_id = @MerchantId AND endpoint_id = @Id AND plan = @plan {database.ForUpdate}",
            new { endpoint.MerchantId, endpoint.Id, plan });
        if (played is null) return;

        await database.SendAsync(
            "UPDATE webhook_faults SET played = @Played WHERE merchant_id = @MerchantId AND endpoint_id = @Id AND plan = @plan",
            new
            {
                endpoint.MerchantId,
                endpoint.Id,
                plan,
                Played = (IReadOnlyList<long>)played.Played.Select((count, fault) => faults.Places.Contains(fault) ? count + 1 : count).ToArray(),
            });
        await database.SendAsync("UPDATE faulty_deliveries SET waits = FALSE WHERE delivery_id = @Id AND plan = @plan", new { claimed.Delivery.Id, plan });
    }

    /// <summary>Inside a write unit: what an attempt's log says of its faults.</summary>
    public Task NoteAsync(ClaimedDelivery claimed, string text) => database.SendAsync(
        "UPDATE delivery_attempts SET fault = @text WHERE delivery_id = @Id AND number = @Attempt", new { claimed.Delivery.Id, claimed.Attempt, text });

    /// <summary>Whether one of the endpoint's deliveries waits for this one.</summary>
    public async Task<bool> IsAwaitedAsync(ClaimedDelivery claimed, FaultPlan plan) => await database.FirstOrDefaultAsync<string>(
        "SELECT delivery_id FROM faulty_deliveries WHERE endpoint_id = @EndpointId AND plan = @Plan AND waits = TRUE AND delivery_id < @Id LIMIT 1",
        new { claimed.Delivery.EndpointId, Plan = plan.Id, claimed.Delivery.Id }) is not null;

    /// <summary>Inside a write unit: this one has overtaken those that waited for that, and they are due. Answers their ids.</summary>
    public async Task<IReadOnlyList<string>> OvertakeAsync(ClaimedDelivery claimed, FaultPlan plan, DateTimeOffset now)
    {
        var overtaken = await database.QueryAsync<string>(
            """
            UPDATE faulty_deliveries SET waits = FALSE WHERE endpoint_id = @EndpointId AND plan = @Plan AND waits = TRUE AND delivery_id < @Id
            RETURNING delivery_id
            """,
            new { claimed.Delivery.EndpointId, Plan = plan.Id, claimed.Delivery.Id });
        if (overtaken.Count == 0) return [];
        return await database.QueryAsync<string>(
            $"""
            UPDATE deliveries SET next_attempt_at = @now
            WHERE {database.AnyOf("id", "@ids")} AND status = 'pending' AND claimed_until IS NULL AND attempts = 0 AND next_attempt_at > @now
            RETURNING id
            """,
            new { ids = overtaken.ToArray(), now });
    }
}
