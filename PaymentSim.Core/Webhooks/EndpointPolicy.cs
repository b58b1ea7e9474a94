using System.Globalization;
using System.Text.Json;
using FluentValidation;

namespace PaymentSim.Core.Webhooks;

/// <summary>How webhooks are to be sent to an endpoint. What is not given stays as it is, what is given empty is as the simulator's settings say.</summary>
public abstract record EndpointPolicyRequest
{
    /// <summary>How long it may take to answer: seconds, or with a unit (<c>500ms</c>), from 100 ms to 60 s.</summary>
    public JsonElement? Timeout { get; init; }

    /// <summary>The waits after failed attempts, such as <c>1s,2s,3s</c>; <c>none</c>: no retries.</summary>
    public string? RetrySchedule { get; init; }

    /// <summary>Deliveries a second at most: a whole number from 1 on.</summary>
    public JsonElement? RateLimit { get; init; }

    /// <summary>Headers to send along, up to 20; one with an empty value is removed, an empty map removes all.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary><c>per_object</c>: webhooks about one payment arrive in order; <c>none</c>, unless told.</summary>
    public string? Ordering { get; init; }

    /// <summary>The endpoint with what is given here.</summary>
    /// <exception cref="ProblemException">It would have too many headers.</exception>
    internal WebhookEndpoint ApplyTo(WebhookEndpoint endpoint, SecretBox box) => endpoint with
    {
        TimeoutMs = Timeout is { } timeout ? (long?)EndpointPolicy.Time(timeout)?.TotalMilliseconds : endpoint.TimeoutMs,
        RetrySchedule = RetrySchedule is { } schedule ? EndpointPolicy.Schedule(schedule) : endpoint.RetrySchedule,
        RateLimit = RateLimit is { } rate ? EndpointPolicy.Rate(rate) : endpoint.RateLimit,
        Headers = EndpointHeaders.Merge(endpoint.Headers, Headers, box),
        Ordered = Ordering is { } ordering ? ordering == EndpointPolicy.PerObject : endpoint.Ordered,
    };
}

/// <summary>How the parameters of an endpoint's policy are written.</summary>
internal static class EndpointPolicy
{
    public const string PerObject = "per_object";
    public const string Unordered = "none";

    /// <summary>An empty text unsets, and is not the same as this.</summary>
    public const string NoRetries = "none";

    private const int MostRetries = 50;

    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    /// <exception cref="FormatException">It is none, or too long or too short.</exception>
    public static TimeSpan? Time(JsonElement value)
    {
        var text = Text(value);
        if (text.Length == 0) return null;
        var time = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < LongestWait.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : Duration.Parse(text);
        return time >= ShortestTimeout && time <= LongestTimeout ? time : throw new FormatException();
    }

    /// <summary>Null: the simulator's own; empty: no retries.</summary>
    /// <exception cref="FormatException">A wait is no duration or too long, or there are too many.</exception>
    public static string? Schedule(string text)
    {
        if (text.Length == 0) return null;
        if (text == NoRetries) return "";
        var waits = text.Split(',').Select(Duration.Parse).ToList();
        return waits.Count <= MostRetries && waits.TrueForAll(wait => wait <= LongestWait) ? string.Join(",", waits.Select(Duration.Format)) : throw new FormatException();
    }

    /// <exception cref="FormatException">It is no whole number from 1 on.</exception>
    public static long? Rate(JsonElement value)
    {
        var text = Text(value);
        if (text.Length == 0) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate > 0 ? rate : throw new FormatException();
    }

    /// <summary>Forms know only text; JSON has numbers, and null where a form has an empty text.</summary>
    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException(),
    };
}

/// <summary>The rules of an endpoint's policy.</summary>
internal sealed class EndpointPolicyValidator : AbstractValidator<EndpointPolicyRequest>
{
    public EndpointPolicyValidator()
    {
        RuleFor(c => c.Timeout).Must(Reads<JsonElement?>(value => EndpointPolicy.Time(value!.Value))).When(c => c.Timeout is not null)
            .WithMessage("Invalid timeout: give seconds, or a duration such as 500ms, from 100ms to 60s.");
        RuleFor(c => c.RetrySchedule).Must(Reads<string?>(value => EndpointPolicy.Schedule(value!))).When(c => c.RetrySchedule is not null)
            .WithMessage("Invalid retry_schedule: give up to 50 waits of up to 30d, such as 1s,2s,3s, or none for no retries.");
        RuleFor(c => c.RateLimit).Must(Reads<JsonElement?>(value => EndpointPolicy.Rate(value!.Value))).When(c => c.RateLimit is not null)
            .WithMessage("Invalid rate_limit: give deliveries per second, a whole number from 1 on.");
        RuleFor(c => c.Headers).Custom((headers, context) =>
        {
            foreach (var (name, value) in headers ?? new Dictionary<string, string>())
            {
                if (EndpointHeaders.Refuse(name, value ?? "") is not { } message) continue;
                var param = $"headers[{name}]";
                context.AddFailure(new FluentValidation.Results.ValidationFailure(param, message) { CustomState = Problem.Invalid($"Invalid {param}: {message}", param) });
            }
        });
        RuleFor(c => c.Ordering).Must(ordering => ordering is EndpointPolicy.PerObject or EndpointPolicy.Unordered or "").When(c => c.Ordering is not null)
            .WithMessage($"Invalid ordering: must be {EndpointPolicy.Unordered} or {EndpointPolicy.PerObject}.");
    }

    private static Func<T, bool> Reads<T>(Action<T> read) => value =>
    {
        try
        {
            read(value);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    };
}

/// <summary>An endpoint with all that only the simulator has of it: the official object, and the policy by which it gets its webhooks.</summary>
public sealed record EndpointPolicyObject : WebhookEndpointObject
{
    /// <summary>Why it is disabled, where it was not its merchant's wish.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Unix seconds: the first failed attempt since anything arrived there.</summary>
    public long? FailingSince { get; init; }

    /// <summary>A duration such as <c>500ms</c>; null: the simulator's own.</summary>
    public string? Timeout { get; init; }

    /// <summary>Waits such as <c>1s,2s,3s</c>, or <c>none</c>; null: the simulator's own.</summary>
    public string? RetrySchedule { get; init; }

    /// <summary>Deliveries a second at most.</summary>
    public long? RateLimit { get; init; }

    /// <summary>The names of the headers that are sent along; their values are masked.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary><c>none</c> or <c>per_object</c>.</summary>
    public required string Ordering { get; init; }

    /// <summary>Unix seconds, while two secrets are in force: until then the former one is.</summary>
    public long? PreviousSecretExpiresAt { get; init; }

    internal static EndpointPolicyObject Of(WebhookEndpoint endpoint, SecretBox box, DateTimeOffset now, string? secret = null)
    {
        var shown = WebhookEndpointObject.Of(endpoint, secret);
        return new EndpointPolicyObject
        {
            Id = shown.Id,
            ApiVersion = shown.ApiVersion,
            Created = shown.Created,
            Description = shown.Description,
            EnabledEvents = shown.EnabledEvents,
            Metadata = shown.Metadata,
            Secret = shown.Secret,
            Status = shown.Status,
            Url = shown.Url,
            DisabledReason = endpoint.DisabledReason,
            FailingSince = endpoint.FailingSince?.ToUnixTimeSeconds(),
            Timeout = endpoint.Timeout is { } timeout ? Duration.Format(timeout) : null,
            RetrySchedule = endpoint.RetrySchedule is "" ? EndpointPolicy.NoRetries : endpoint.RetrySchedule,
            RateLimit = endpoint.RateLimit,
            Headers = endpoint.Headers is { } headers
                ? EndpointHeaders.Open(headers, box).Keys.ToDictionary(name => name, _ => EndpointHeaders.Mask)
                : new Dictionary<string, string>(),
            Ordering = endpoint.Ordered ? EndpointPolicy.PerObject : EndpointPolicy.Unordered,
            PreviousSecretExpiresAt = endpoint.PreviousSecret is not null && endpoint.PreviousSecretUntil > now ? endpoint.PreviousSecretUntil?.ToUnixTimeSeconds() : null,
        };
    }
}
