using System.Diagnostics;

namespace PaymentSim.Core.Storage.Sqlite;

/// <summary>
/// What the storage alone can take: the rows of a charge's commit (charge, event and, where it had them, the record of its idempotency key, delivery and job), written again and
/// again with new ids through <see cref="Database.WriteAsync{T}"/>, with the SQL of their stores and values that are at hand. No HTTP, no
/// validation, nothing to serialise: no face and no use case can be faster than this. The benchmark measures them against it.
/// </summary>
public sealed class StorageCeiling
{
    // Storage knows no feature, so these stand here again; a test compares them with the stores'.
    private const string InsertCharge =
        """
        INSERT INTO charges (id, merchant_id, amount, currency, status, captured, amount_captured, amount_refunded, balance_transaction, customer,
            payment_intent, transfer_group, description, metadata, details, settles_at, created_at)
        VALUES (@Id, @MerchantId, @Amount, @Currency, @Status, @Captured, @AmountCaptured, @AmountRefunded, @BalanceTransaction, @Customer,
            @PaymentIntent, @TransferGroup, @Description, @Metadata, @Details, @SettlesAt, @CreatedAt)
        """;

    private const string InsertEvent =
        """
        INSERT INTO events (id, merchant_id, type, object_id, api_version, payload, created_at)
        VALUES (@Id, @MerchantId, @Type, @objectId, @Default, @payload, @CreatedAt)
        """;

    private const string InsertKey =
        """
        INSERT INTO idempotency_keys (merchant_id, idempotency_key, request_hash, request_id, result, problem, expanded, created_at)
        VALUES (@MerchantId, @key, @hash, @RequestId, @result, @problem, @expanded, @now)
        """;

    private const string InsertDelivery =
        """
        INSERT INTO deliveries (id, merchant_id, event_id, event_type, endpoint_id, status, trigger_kind, attempts, failures, next_attempt_at, last_error,
            order_key, created_at)
        VALUES (@Id, @MerchantId, @EventId, @EventType, @EndpointId, @Status, @TriggerKind, @Attempts, @Failures, @NextAttemptAt, @LastError,
            @OrderKey, @CreatedAt)
        """;

    private const string InsertJob =
        """
        INSERT INTO jobs (id, created_at, expire_at, state, state_number, states, list_order, state_at, state_reason, state_data,
            queue, type, method, parameter_types, parameters, arguments)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        """;

    private const string InsertQueueEntry = "INSERT INTO job_queue (id, queue, job_id) VALUES (?1, ?2, ?3)";

    private readonly Database _database;
    private readonly Ids _ids;
    private readonly ChargeRow _charge;
    private readonly EventRow _event;
    private readonly KeyRow? _key;
    private readonly DeliveryRow? _delivery;
    private readonly object?[]? _job;
    private long _lastJob;

    private StorageCeiling(Database database, Ids ids, ChargeRow charge, EventRow recorded, KeyRow? key, DeliveryRow? delivery, object?[]? job)
    {
        (_database, _ids, _charge, _event, _key, _delivery, _job) = (database, ids, charge, recorded, key, delivery, job);
        if (job is not null) _lastJob = (long)job[0]!;
    }

    /// <summary>Takes a charge's rows as the pattern.</summary>
    /// <param name="database">Where it is; its like will be written there too.</param>
    /// <param name="ids">Makes the ids.</param>
    /// <param name="chargeId">The last charge, with one event and at most one delivery and one idempotency key.</param>
    public static async Task<StorageCeiling> LikeAsync(Database database, Ids ids, string chargeId)
    {
        var charge = await database.FirstOrDefaultAsync<ChargeRow>("SELECT * FROM charges WHERE id = @chargeId", new { chargeId })
            ?? throw new ArgumentException($"There is no charge {chargeId}.", nameof(chargeId));
        var recorded = await database.FirstOrDefaultAsync<EventRow>(
            "SELECT * FROM events WHERE merchant_id = @MerchantId AND object_id = @Id", new { charge.MerchantId, charge.Id });
        var key = await database.FirstOrDefaultAsync<KeyRow>("SELECT * FROM idempotency_keys WHERE merchant_id = @MerchantId", new { charge.MerchantId });
        var delivery = await database.FirstOrDefaultAsync<DeliveryRow>("SELECT * FROM deliveries WHERE event_id = @Id", new { recorded!.Id });
        var job = delivery is null ? null : database.Read(connection => ((PreparedConnection)connection).Prepare("SELECT * FROM jobs ORDER BY id DESC LIMIT 1")
            .First(row => Enumerable.Range(0, row.Columns.Length).Select(row.Value).ToArray()));
        return new StorageCeiling(database, ids, charge, recorded, key, delivery, job);
    }

    /// <summary>Writes for a time, each writer its next unit when the last one is on the disk.</summary>
    /// <returns>How many units were written, and how long it took.</returns>
    public async Task<(long Units, TimeSpan Elapsed)> MeasureAsync(int writers, TimeSpan time)
    {
        var units = 0L;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            // At least one each, also where a busy machine lets nobody begin in time: no rate can be told of none.
            do
            {
                await WriteOneAsync();
                Interlocked.Increment(ref units);
            }
            while (Stopwatch.GetElapsedTime(start) < time);
        })));
        return (units, Stopwatch.GetElapsedTime(start));
    }

    private Task WriteOneAsync()
    {
        var charge = _charge with { Id = _ids.New("ch") };
        var eventId = _ids.New("evt");
        var recorded = new
        {
            Id = eventId, _event.MerchantId, _event.Type, objectId = charge.Id, Default = _event.ApiVersion, payload = _event.Payload, _event.CreatedAt,
        };
        var delivery = _delivery is null ? null : _delivery with { Id = _ids.New("whd"), EventId = eventId };
        var key = _key is null ? null : new
        {
            _key.MerchantId, key = Ids.IdempotencyKey(), hash = _key.RequestHash, _key.RequestId, result = _key.Result, problem = _key.Problem,
            expanded = _key.Expanded, now = _key.CreatedAt,
        };
        return _database.WriteAsync(async () =>
        {
            await _database.ExecuteAsync(InsertCharge, charge);
            if (delivery is not null) await _database.ExecuteAsync(InsertDelivery, delivery);
            if (_job is not null) _database.Write(connection => WriteJob((PreparedConnection)connection, _job));
            await _database.ExecuteAsync(InsertEvent, recorded);
            if (key is not null) await _database.ExecuteAsync(InsertKey, key);
        });
    }

    private int WriteJob(PreparedConnection connection, object?[] job)
    {
        const string Queue = "webhooks";
        var id = ++_lastJob;
        var insert = connection.Prepare(InsertJob).Bind(id);
        foreach (var value in job.Skip(1)) insert.Bind(value);
        return insert.Execute() + connection.Prepare(InsertQueueEntry).Bind(id).Bind(Queue).Bind(id).Execute();
    }

    private sealed record ChargeRow
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public long Amount { get; init; }

        public required string Currency { get; init; }

        public required string Status { get; init; }

        public bool Captured { get; init; }

        public long AmountCaptured { get; init; }

        public long AmountRefunded { get; init; }

        public string? BalanceTransaction { get; init; }

        public string? Customer { get; init; }

        public string? PaymentIntent { get; init; }

        public string? TransferGroup { get; init; }

        public string? Description { get; init; }

        public required string Metadata { get; init; }

        public required string Details { get; init; }

        public long? SettlesAt { get; init; }

        public long CreatedAt { get; init; }
    }

    private sealed record EventRow
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required string Type { get; init; }

        public required string ApiVersion { get; init; }

        public required string Payload { get; init; }

        public long CreatedAt { get; init; }
    }

    private sealed record KeyRow
    {
        public required string MerchantId { get; init; }

        public required string RequestHash { get; init; }

        public string? RequestId { get; init; }

        public string? Result { get; init; }

        public string? Problem { get; init; }

        public string? Expanded { get; init; }

        public long CreatedAt { get; init; }
    }

    private sealed record DeliveryRow
    {
        public required string Id { get; init; }

        public required string MerchantId { get; init; }

        public required string EventId { get; init; }

        public required string EventType { get; init; }

        public required string EndpointId { get; init; }

        public required string Status { get; init; }

        public required string TriggerKind { get; init; }

        public long Attempts { get; init; }

        public long Failures { get; init; }

        public long? NextAttemptAt { get; init; }

        public string? LastError { get; init; }

        public string? OrderKey { get; init; }

        public long CreatedAt { get; init; }
    }
}
