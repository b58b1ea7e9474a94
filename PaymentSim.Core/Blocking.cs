namespace PaymentSim.Core;

/// <summary>
/// Waits for tasks on threads that are kept waiting anyway, such as Hangfire's workers. <see cref="Task.Wait()"/> and its like begin with
/// spinning, which took a third of the processor time of dozens of workers; here the thread sleeps.
/// </summary>
public static class Blocking
{
    /// <summary>The task's result, or what it threw.</summary>
    public static T Result<T>(Task<T> task)
    {
        UntilDone(task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Returns when the task is done, however it ended.</summary>
    public static void UntilDone(Task task)
    {
        if (task.IsCompleted) return;
        var done = new ManualResetEventSlim(initialState: false, spinCount: 0);
        task.ContinueWith(
            static (_, state) => ((ManualResetEventSlim)state!).Set(), done, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        done.Wait();
    }
}
