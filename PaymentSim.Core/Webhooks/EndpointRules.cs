using System.Text.RegularExpressions;
using FluentValidation;
using PaymentSim.Core.Events;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Webhooks;

/// <summary>Which URLs may get webhooks.</summary>
internal static class UrlPolicy
{
    public const int MaxLength = 2048;

    /// <summary>Why a URL is refused, or null.</summary>
    public static string? Refuse(string url)
    {
        if (url.Length > MaxLength) return $"Invalid URL: it has more than {MaxLength} characters.";
        // Uri would trim and escape these; a URL that is stored must be the one that is called.
        if (url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))) return "Invalid URL: it must not hold spaces or line breaks; write %20 for a space.";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            return "Invalid URL: it must be absolute and begin with http:// or https://.";
        if (uri.UserInfo.Length > 0) return "Invalid URL: it must not hold a user name or password.";
        return uri.Fragment.Length > 0 ? "Invalid URL: it must not have a fragment (#…)." : null;
    }
}

/// <summary>The rules that creating and updating an endpoint share.</summary>
internal static partial class EndpointRules
{
    private const int MaxEvents = 250;

    public static void Url<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(url => UrlPolicy.Refuse(url!) is null)
        .WithMessage((_, url) => UrlPolicy.Refuse(url!)).WithCode(ProblemCode.UrlInvalid);

    public static void Description<T>(this IRuleBuilder<T, string?> rule) =>
        rule.MaximumLength(5000).WithMessage("Invalid string: description can be at most 5000 characters.");

    /// <summary>Two endpoints with one URL would get everything twice.</summary>
    public static ProblemException UrlTaken(WebhookEndpoint existing) => new(Problem.Invalid(
        $"The webhook endpoint {existing.Id} has this URL already. Update that one, or POST to /v1/test_helpers/webhook_endpoints, which creates or updates by URL.",
        "url"));

    /// <summary>Empty: not pinned.</summary>
    public static void ApiVersion<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(version => string.IsNullOrEmpty(version) || VersionShape().IsMatch(version))
        .WithMessage("Invalid api_version: a version looks like 2026-10-28.endive.");

    public static void EnabledEvents<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) => rule.Custom((events, context) =>
    {
        if (events is null) return;
        if (events.Count is 0 or > MaxEvents) Fail("enabled_events", $"enabled_events must name 1 to {MaxEvents} event types; use * for all.");
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i] != EventTypes.All && !Shape().IsMatch(events[i] ?? ""))
                Fail($"enabled_events[{i}]", $"Invalid enabled_events[{i}]: an event type looks like charge.succeeded or charge.*, or is * for all.");
        }

        void Fail(string param, string message) =>
            context.AddFailure(new FluentValidation.Results.ValidationFailure(param, message) { CustomState = Problem.Invalid(message, param) });
    });

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[a-z]{1,30})?\z")]
    private static partial Regex VersionShape();

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,60}(\.[a-z0-9_]{1,60}){0,3}\.([a-z0-9_]{1,60}|\*)\z")]
    private static partial Regex Shape();
}
