using System.Text.Json;
using System.Text.Json.Nodes;
using FluentValidation;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>What can be said of a connected account when it is made or changed. What is not given stays, empty texts unset; objects are merged.</summary>
public abstract record AccountParameters : IExpands
{
    public string? Email { get; init; }

    /// <summary>ISO 4217 code; usd unless told.</summary>
    public string? DefaultCurrency { get; init; }

    [WithoutEffect]
    public string? BusinessType { get; init; }

    /// <summary>Such as <c>capabilities[card_payments][requested]=true</c>.</summary>
    [WithoutEffect]
    public JsonElement? Capabilities { get; init; }

    [WithoutEffect]
    public JsonElement? BusinessProfile { get; init; }

    [WithoutEffect]
    public JsonElement? Settings { get; init; }

    [WithoutEffect]
    public JsonElement? TosAcceptance { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Company { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? Individual { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    internal AccountDetails Over(AccountDetails current) => current with
    {
        Email = Text.Given(Email, current.Email),
        DefaultCurrency = Currency.Find(DefaultCurrency)?.Code ?? current.DefaultCurrency,
        BusinessType = Text.Given(BusinessType, current.BusinessType),
        BusinessProfile = Merged(current.BusinessProfile, BusinessProfile),
        Settings = Merged(current.Settings, Settings),
        TosAcceptance = Merged(current.TosAcceptance, TosAcceptance),
        Capabilities = [.. Asked(current.Capabilities)],
    };

    private static JsonElement? Merged(JsonElement? current, JsonElement? given)
    {
        if (current is not { ValueKind: JsonValueKind.Object } old || given is not { ValueKind: JsonValueKind.Object } more) return given ?? current;
        var merged = JsonObject.Create(old)!;
        foreach (var member in more.EnumerateObject())
            merged[member.Name] = JsonNode.Parse(Merged(old.TryGetProperty(member.Name, out var part) ? part : null, member.Value)!.Value.GetRawText());
        return JsonSerializer.SerializeToElement(merged);
    }

    /// <summary>What it may do, after what is asked for now: the last word on each counts.</summary>
    private IEnumerable<string> Asked(IReadOnlyList<string> current)
    {
        var asked = Capabilities?.EnumerateObject().ToDictionary(capability => capability.Name, IsRequested) ?? [];
        return current.Where(name => asked.GetValueOrDefault(name, true)).Union(asked.Where(capability => capability.Value).Select(capability => capability.Key));
    }

    private static bool IsRequested(JsonProperty capability) => capability.Value.ValueKind == JsonValueKind.Object
        && capability.Value.TryGetProperty("requested", out var requested) && requested.ToString().Equals("true", StringComparison.OrdinalIgnoreCase);
}

internal abstract class AccountParametersValidator<T> : AbstractValidator<T>
    where T : AccountParameters
{
    protected AccountParametersValidator()
    {
        RuleFor(c => c.DefaultCurrency).Must(code => code is null || Currency.Find(code) is not null)
            .WithMessage(c => $"Invalid currency: {c.DefaultCurrency}. Use the three letters of an ISO 4217 code, such as usd.");
        RuleFor(c => c.Email).Must(email => string.IsNullOrEmpty(email) || email.Contains('@', StringComparison.Ordinal))
            .WithMessage(c => $"Invalid email address: {c.Email}");
        RuleFor(c => c.Capabilities).Must(asked => asked is null || asked.Value.ValueKind == JsonValueKind.Object)
            .WithMessage("Invalid object: capabilities must have named parts.");
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}
