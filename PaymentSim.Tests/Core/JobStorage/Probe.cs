using System.Collections.Concurrent;
using Hangfire;
using Newtonsoft.Json;

namespace PaymentSim.Tests.Core.JobStorage;

/// <summary>Jobs that leave traces, by a key of the test's own.</summary>
public static class Probe
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Traces = [];
    private static readonly ConcurrentDictionary<string, ManualResetEventSlim> Gates = [];

    public static string NewKey() => Guid.NewGuid().ToString("N");

    public static IReadOnlyList<string> Of(string key) => [.. Traces.GetOrAdd(key, _ => [])];

    public static void Open(string key) => Gate(key).Set();

    public static void Nothing()
    {
    }

    public static string Take(string text) => text;

    public static int Leave(string key, string trace)
    {
        Traces.GetOrAdd(key, _ => []).Enqueue(trace);
        return trace.Length;
    }

    public static void Throw(string message) => throw new InvalidOperationException(message);

    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [3600])]
    public static void ThrowAndRetry() => throw new InvalidOperationException("later");

    /// <summary>Fails until its gate is open.</summary>
    [AutomaticRetry(Attempts = 0)]
    public static void NeedsGate(string key)
    {
        Leave(key, "tried");
        if (!Gate(key).IsSet) throw new InvalidOperationException("The gate is shut.");
    }

    /// <summary>Runs until its token or its gate ends it.</summary>
    public static void RunUntilCancelled(string key, CancellationToken cancellationToken)
    {
        Leave(key, "started");
        try
        {
            Gate(key).Wait(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Leave(key, "cancelled");
            throw;
        }
    }

    [DisableConcurrentExecution(60)]
    public static void Alone(string key)
    {
        var inside = Traces.GetOrAdd(key, _ => []);
        inside.Enqueue("in");
        Thread.Yield();
        inside.Enqueue("out");
    }

    public static void TakeUnreadable(Unreadable value) => _ = value;

    private static ManualResetEventSlim Gate(string key) => Gates.GetOrAdd(key, _ => new ManualResetEventSlim());
}

/// <summary>Can be written down and never be read again: a job with it as its argument cannot be loaded, as one whose code is gone.</summary>
[JsonConverter(typeof(Converter))]
public sealed class Unreadable
{
    private sealed class Converter : JsonConverter<Unreadable>
    {
        public override void WriteJson(JsonWriter writer, Unreadable? value, JsonSerializer serializer) => writer.WriteValue("x");

        public override Unreadable ReadJson(JsonReader reader, Type objectType, Unreadable? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
            throw new JsonSerializationException("It cannot be read.");
    }
}
