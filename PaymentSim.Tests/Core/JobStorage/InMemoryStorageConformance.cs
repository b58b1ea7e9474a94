using Hangfire.InMemory;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>
/// Hangfire's own storage in memory as the oracle: what it is not skipped for, ours does as it does. Its known differences, each with the reason:
/// </summary>
[Collection(HangfireStatics.Name)]
public sealed class InMemoryStorageConformance() : JobStorageConformance(() => new InMemoryStorage(new InMemoryStorageOptions { MaxExpirationTime = null }))
{
    public override void A_transaction_acknowledges_with_its_commit() =>
        Skip.If(true, "Hangfire.InMemory acknowledges a job by fetching it, and so has no transactional acknowledge.");

    public override void A_job_that_was_not_acknowledged_is_ready_again() =>
        Skip.If(true, "Hangfire.InMemory forgets a fetched job that is neither acknowledged nor given back.");

    public override void Fetched_jobs_are_listed_until_they_are_done() =>
        Skip.If(true, "Hangfire.InMemory does not keep what is fetched.");

    public override void The_time_of_creation_is_the_creators() =>
        Skip.If(true, "Hangfire.InMemory takes its own clock's time for the job's.");

    public override void Places_before_a_lists_first_are_empty(int from, int to, string left) =>
        Skip.If(true, $"Hangfire.InMemory counts from the range's beginning ({from} to {to}) instead of the list's, and keeps more than '{left}'.");
}
