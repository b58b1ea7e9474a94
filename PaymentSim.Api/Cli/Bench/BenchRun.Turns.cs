namespace PaymentSim.Api.Cli.Bench;

/// <content>What is held against one another is measured in turns.</content>
internal sealed partial class BenchRun
{
    /// <summary>Short beside the minutes in which a shared machine grows faster and slower.</summary>
    private const double LongestTurn = 0.8;

    private const int FewestPairs = 4;

    /// <summary>
    /// Measures one and the other in turns: what the machine does beside that weighs on both alike, so that many short turns say more of their ratio than two
    /// long ones.
    /// </summary>
    private static async Task<IReadOnlyList<(TOne One, TOther Other)>> InTurnsAsync<TOne, TOther>(int pairs, Func<Task<TOne>> one, Func<Task<TOther>> other)
    {
        var taken = new List<(TOne One, TOther Other)>();
        while (taken.Count < Math.Max(FewestPairs, pairs))
        {
            // Each is the first of a pair as often as the other.
            if (taken.Count % 2 == 0)
            {
                var first = await one();
                taken.Add((first, await other()));
            }
            else
            {
                var first = await other();
                taken.Add((await one(), first));
            }
        }

        return taken;
    }

    /// <summary>Several turns as one load, and what a charge took of the server's processors in them.</summary>
    private static (LoadResult Load, double CpuMsPerCharge) Together(IEnumerable<(LoadResult Load, TimeSpan Cpu)> turns)
    {
        var all = turns.ToList();
        var load = LoadResult.Together([.. all.Select(turn => turn.Load)]);
        return (load, PerCharge(all.Aggregate(TimeSpan.Zero, (sum, turn) => sum + turn.Cpu), load));
    }

    /// <summary>
    /// Measures something, in turns with the storage alone and the rows that it is held against where these are named and a is wanted: how fast a disk is changes with
    /// what others do with it.
    /// </summary>
    /// <returns>What came of each turn and, where the storage was measured, how fast they were to the storage's turns.</returns>
    private async Task<(IReadOnlyList<T> Turns, Spread? ToStorage)> InTurnsWithStorageAsync<T>(
        StorageRows? rows, string folder, Func<double, Task<T>> measure, Func<T, double> perSecond, CancellationToken stop)
    {
        if (rows is not { } beside || !Wants('a')) return ([await measure(options.Seconds)], null);
        var count = Math.Max(FewestPairs, (int)Math.Ceiling(options.Seconds / LongestTurn));
        var turn = options.Seconds / count;
        var pairs = await WithStorageAsync(beside, folder, storage => InTurnsAsync(count, () => storage(turn), () => measure(turn)), stop);
        _storage[beside] = pairs.Select(pair => pair.One).Aggregate((sum, one) => sum + one);
        return ([.. pairs.Select(pair => pair.Other)], Spread.Of([.. pairs.Select(pair => perSecond(pair.Other) / pair.One.PerSecond)]));
    }

    /// <summary>Measurement a: what was not measured in turns with anything is measured now.</summary>
    private async Task<StorageFigures> StorageAsync(string folder, CancellationToken stop)
    {
        foreach (var rows in Enum.GetValues<StorageRows>().Where(rows => !_storage.ContainsKey(rows)))
            _storage[rows] = await WithStorageAsync(rows, folder, storage => storage(options.Seconds), stop);
        return new StorageFigures(_storage[StorageRows.Charge], _storage[StorageRows.WithKey], _storage[StorageRows.WithEndpoint]);
    }

    /// <summary>Has the storage alone ready and warm, to be measured for so many seconds, as often as is wanted.</summary>
    private async Task<T> WithStorageAsync<T>(StorageRows rows, string folder, Func<Func<double, Task<StorageResult>>, Task<T>> measure, CancellationToken stop)
    {
        say($"a: the rows of a charge, {Name()}, written through the {(options.IsPostgres ? "driver" : "writer")} alone");
        await using var data = await BenchData.CreateAsync(Path.Combine(folder, $"storage-{rows}"), _postgres, stop);
        await using var worker = BenchWorker.Start();
        await worker.AskAsync<bool>(new StorageOrder(data.Folder, data.ConnectionString, rows), stop);
        await TakeTurnAsync(options.WarmUp);
        return await measure(TakeTurnAsync);

        Task<StorageResult> TakeTurnAsync(double seconds) => worker.AskAsync<StorageResult>(new StorageTurnOrder(options.Connections, seconds), stop);

        string Name() => rows switch
        {
            StorageRows.WithKey => "with an idempotency key",
            StorageRows.WithEndpoint => "with a delivery",
            _ => "without a delivery",
        };
    }
}
