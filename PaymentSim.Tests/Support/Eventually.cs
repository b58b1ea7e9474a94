using System.Diagnostics;

namespace PaymentSim.Tests.Support;

/// <summary>Waits by probing, for what other threads and processes bring about.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(30);

    /// <summary>Reads until a condition holds, and answers what was read then.</summary>
    /// <exception cref="TimeoutException">It did not in time; the message holds what was read last.</exception>
    public static async Task<T> HoldsAsync<T>(Func<Task<T>> read, Func<T, bool> condition, string what, TimeSpan? timeout = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (condition(value)) return value;
            if (Stopwatch.GetElapsedTime(started) > (timeout ?? DefaultTimeout))
                throw new TimeoutException($"Waited {timeout ?? DefaultTimeout} for this: {what}. Last seen: {value}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Waits for so long, where what is to be seen is that nothing happens.</summary>
    public static Task PassesAsync(TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        return HoldsAsync(() => Task.FromResult(Stopwatch.GetElapsedTime(started) > time), $"{time} have passed", 2 * time);
    }

    public static Task HoldsAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) =>
        HoldsAsync(condition, holds => holds, what, timeout);
}
