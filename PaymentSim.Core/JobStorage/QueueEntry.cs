namespace PaymentSim.Core.JobStorage;

/// <summary>One time that a job was enqueued.</summary>
/// <param name="Number">Its row, and its place in the order of enqueueing.</param>
internal sealed record QueueEntry(string Queue, long Number, long JobId) : IComparable<QueueEntry>
{
    public int CompareTo(QueueEntry? other) => other is null ? 1 : Number.CompareTo(other.Number);
}

/// <summary>An entry that a worker has.</summary>
/// <param name="At">Since when, in unix milliseconds.</param>
internal sealed record FetchedEntry(QueueEntry Entry, long At);
