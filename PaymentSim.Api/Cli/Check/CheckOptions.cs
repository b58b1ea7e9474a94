using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Cli.Check;

/// <summary>What is checked, and how. A class and not a record: a record prints its secrets.</summary>
internal sealed class CheckOptions(Uri url, string secret)
{
    public const string SecretPrefix = WebhookSignature.SecretPrefix;

    public Uri Url { get; } = url;

    /// <summary>The handler's: <c>whsec_…</c>.</summary>
    public string Secret { get; } = secret;

    /// <summary>True: machine-readable.</summary>
    public bool Json { get; init; }

    /// <summary>A file to write, too.</summary>
    public string? Junit { get; init; }

    /// <summary>The type of the events.</summary>
    public required string Event { get; init; }

    /// <summary>What the events are about; null: something made up.</summary>
    public JsonObject? Object { get; init; }

    public required string ApiVersion { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>How old a signature the handler accepts.</summary>
    public required TimeSpan Tolerance { get; init; }

    public required int LargeBytes { get; init; }

    /// <summary>The probes to leave out, by name.</summary>
    public IReadOnlySet<string> Skip { get; init; } = new HashSet<string>();

    /// <summary>A secret that nobody has, as the simulator makes them.</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}

/// <summary>The check cannot be made: the message is for the person who runs it.</summary>
internal sealed class CheckException(string message) : Exception(message);
