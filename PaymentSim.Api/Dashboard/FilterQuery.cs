using System.Globalization;
using System.Text.RegularExpressions;
using PaymentSim.Core;
using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>A <see cref="DeliveryFilter"/> in a page's address, where it can be kept and passed on.</summary>
internal static partial class FilterQuery
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss";

    /// <summary>What a page's address or a form asks for; what cannot be read is left out.</summary>
    /// <param name="value">The text of a field, or null.</param>
    public static DeliveryFilter Read(Func<string, string?> value)
    {
        return new DeliveryFilter
        {
            About = Text("about"),
            Merchant = Text("merchant"),
            Endpoint = Text("endpoint"),
            EventType = Text("type"),
            Status = Enum.GetValues<DeliveryStatus>().Cast<DeliveryStatus?>().FirstOrDefault(status => status!.Value.Wire() == value("status")),
            From = Time("from"),
            To = Time("to"),
        };

        string? Text(string name) => value(name)?.Trim() is { Length: > 0 and <= 500 } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;

        // A form's own time field has no zone: the pages say that it is UTC.
        DateTimeOffset? Time(string name) =>
            DateTimeOffset.TryParse(value(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>The text where it could be a delivery's id, or null.</summary>
    public static string? DeliveryId(string? text) => text is not null && Id().IsMatch(text) ? text : null;

    /// <summary>The filter as a page's address holds it, without the question mark; empty where it leaves nothing out.</summary>
    public static string Write(DeliveryFilter filter) => string.Join('&', Fields(filter).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));

    /// <summary>The filter's fields that have a value.</summary>
    public static IEnumerable<(string Name, string Value)> Fields(DeliveryFilter filter) => new (string Name, string? Value)[]
    {
        ("about", filter.About),
        ("merchant", filter.Merchant),
        ("endpoint", filter.Endpoint),
        ("type", filter.EventType),
        ("status", filter.Status?.Wire()),
        ("from", Format(filter.From)),
        ("to", Format(filter.To)),
    }.Where(field => field.Value is { Length: > 0 }).Select(field => (field.Name, field.Value!));

    /// <summary>For a form's time field.</summary>
    public static string? Format(DateTimeOffset? time) => time?.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>The filter in words: "failed deliveries of charge.* to shop.example".</summary>
    public static string Describe(DeliveryFilter filter)
    {
        var words = $"{filter.Status?.Wire() ?? "all"} deliveries";
        if (filter.EventType is { } type) words += $" of {type}";
        if (filter.About is { } about) words += $" about {about}";
        if (filter.Endpoint is { } endpoint) words += $" to {endpoint}";
        if (filter.Merchant is { } merchant) words += $" of merchant {merchant}";
        if (filter.From is not null) words += $" since {Format(filter.From)} UTC";
        if (filter.To is not null) words += $" before {Format(filter.To)} UTC";
        return words;
    }

    [GeneratedRegex(@"^whd_[0-9A-Za-z]{1,100}\z")]
    private static partial Regex Id();
}
