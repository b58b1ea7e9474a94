using System.Net.Http.Headers;
using MerchantDemo.Webhooks;

namespace MerchantDemo;

/// <summary>The section <c>Shop</c> of the configuration, checked. A class and not a record: a record prints its secrets.</summary>
internal sealed class ShopSettings
{
    /// <summary>Absolute path of the folder that holds <c>shop.db</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Ends with a slash, so that <c>v1/…</c> can be resolved against it.</summary>
    public required Uri PaymentSimUrl { get; init; }

    public required string ApiKey { get; init; }

    /// <summary>Null: the shop registers its own webhook endpoint and is given a secret for it.</summary>
    public WebhookSecret? WebhookSecret { get; init; }

    /// <summary>Where PaymentSim reaches the shop. Null: at the address it listens on.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Stop when standard input ends, so that a parent process never leaves a shop behind.</summary>
    public bool ExitWhenInputCloses { get; init; }

    /// <exception cref="SettingsException">A setting cannot be used; the message names it.</exception>
    public static ShopSettings From(IConfiguration configuration)
    {
        var shop = configuration.GetSection("Shop");
        return new ShopSettings
        {
            DataDirectory = Path.GetFullPath(Text(shop, "DataDirectory") ?? ".paymentsim/shop"),
            PaymentSimUrl = Url(shop, "PaymentSimUrl") ?? new Uri("http://localhost:5080/"),
            ApiKey = Key(Text(shop, "ApiKey") ?? "sk_test_demo"),
            WebhookSecret = Secret(Text(shop, "WebhookSecret")),
            PublicUrl = Url(shop, "PublicUrl"),
            ExitWhenInputCloses = Flag(shop, "ExitWhenInputCloses"),
        };
    }

    private static string? Text(IConfigurationSection shop, string name) =>
        string.IsNullOrWhiteSpace(shop[name]) ? null : shop[name]!.Trim();

    private static Uri? Url(IConfigurationSection shop, string name)
    {
        if (Text(shop, name) is not { } text)
            return null;

        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new SettingsException($"Shop:{name} must be an absolute http URL such as http://localhost:5080, but it is '{text}'.");
    }

    private static string Key(string text) =>
        AuthenticationHeaderValue.TryParse($"Bearer {text}", out _) && text.All(c => c is > ' ' and <= '~')
            ? text
            : throw new SettingsException("Shop:ApiKey must be a key such as sk_test_demo, without spaces.");

    private static WebhookSecret? Secret(string? text) =>
        text is null ? null
        : WebhookSecret.TryParse(text, out var secret) ? secret
        : throw new SettingsException($"Shop:WebhookSecret must be '{WebhookSecret.Prefix}' followed by base64.");

    private static bool Flag(IConfigurationSection shop, string name) =>
        Text(shop, name) is { } text
        && (bool.TryParse(text, out var flag)
            ? flag
            : throw new SettingsException($"Shop:{name} must be true or false, but it is '{text}'."));
}

internal sealed class SettingsException(string message) : Exception(message);
