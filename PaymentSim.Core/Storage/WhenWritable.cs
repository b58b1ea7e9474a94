namespace PaymentSim.Core.Storage;

/// <summary>
/// For work in the background, which can wait: what finds that the database cannot be written now, as on a full disk, is done again until it
/// can be. So nothing is given up, and everything goes on by itself once there is space.
/// </summary>
internal static class WhenWritable
{
    /// <summary>Between two tries: short, so that work goes on soon; long enough for dozens of workers to cost nothing.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <param name="write">Is done as a whole or not at all.</param>
    /// <param name="giveUp">Ends the waiting, not the writing.</param>
    /// <exception cref="OperationCanceledException">It was given up before it could be written.</exception>
    public static async Task<T> DoAsync<T>(Func<Task<T>> write, CancellationToken giveUp)
    {
        while (true)
        {
            try
            {
                return await write();
            }
            catch (ProblemException refused) when (refused.Problem.Kind == ProblemKind.Unavailable)
            {
                await Task.Delay(Pause, giveUp);
            }
        }
    }

    /// <summary>For callers behind synchronous interfaces.</summary>
    /// <param name="write">Is done as a whole or not at all.</param>
    /// <param name="giveUp">Ends the waiting, not the writing. One that cannot be cancelled: nothing is waited for.</param>
    /// <exception cref="ProblemException">It was given up before it could be written.</exception>
    public static T Do<T>(Func<T> write, CancellationToken giveUp)
    {
        while (true)
        {
            try
            {
                return write();
            }
            catch (ProblemException refused)
                when (refused.Problem.Kind == ProblemKind.Unavailable && giveUp is { CanBeCanceled: true, IsCancellationRequested: false })
            {
                // Not by the token's own handle: whoever made the token may have disposed it by now.
                Thread.Sleep(Pause);
            }
        }
    }
}
