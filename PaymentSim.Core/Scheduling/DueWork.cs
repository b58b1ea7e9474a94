namespace PaymentSim.Core.Scheduling;

/// <summary>What is due to happen to objects by itself, of all features.</summary>
internal sealed class DueWork(IEnumerable<IDueWork> features)
{
    private const int PageSize = 500;

    /// <summary>What is due now, whether it has a job or not.</summary>
    public async Task<List<IJob>> ListAsync(DateTimeOffset now)
    {
        var due = new List<IJob>();
        foreach (var feature in features)
        {
            for (var after = ""; ;)
            {
                var before = due.Count;
                due.AddRange(await feature.ListDueAsync(now, after, PageSize));
                if (due.Count < before + PageSize) break;
                after = due[^1].Key;
            }
        }

        return due;
    }

    /// <summary>The earliest time after this one at which something is due; null: never.</summary>
    public async Task<DateTimeOffset?> NextAsync(DateTimeOffset after)
    {
        DateTimeOffset? next = null;
        foreach (var feature in features)
        {
            var time = await feature.NextDueAsync(after);
            if (next is null || time < next) next = time;
        }

        return next;
    }
}
