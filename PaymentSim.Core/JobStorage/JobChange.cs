namespace PaymentSim.Core.JobStorage;

/// <summary>All that one transaction does to one job, so that its row is written once.</summary>
internal sealed class JobChange(long id)
{
    public long Id => id;

    /// <summary>The job itself where it is created here.</summary>
    public NewJob? Created { get; set; }

    /// <summary>The states that are added to its history, in their order.</summary>
    public List<StateRecord> States { get; } = [];

    /// <summary>Which of <see cref="States"/> becomes the current one.</summary>
    public int Current { get; private set; } = -1;

    public Dictionary<string, string?> Parameters { get; } = [];

    public bool SetsExpiry { get; private set; }

    /// <summary>Unix milliseconds; null: it does not expire.</summary>
    public long? ExpireAt { get; private set; }

    public void AddState(StateRecord state, bool isCurrent)
    {
        if (isCurrent) Current = States.Count;
        States.Add(state);
    }

    public void Expire(long? at) => (SetsExpiry, ExpireAt) = (true, at);
}
