using System.Text.Json.Serialization;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>What the cardholder has to do before an intent goes on: open a page of the simulator, and pass or fail its check.</summary>
public sealed record NextAction
{
    /// <summary>Where the simulator's page is, from its base URL on.</summary>
    public const string Page = "/authenticate";

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Redirect? RedirectToUrl { get; init; }

    /// <summary><c>redirect_to_url</c> or <c>use_stripe_sdk</c>.</summary>
    public required string Type { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SdkRedirect? UseStripeSdk { get; init; }

    /// <param name="baseUrl">The simulator's.</param>
    /// <param name="merchantId">Whose intent.</param>
    /// <param name="clientSecret">The intent's; it begins with the intent's id.</param>
    /// <param name="returnUrl">Where the person goes afterwards; null: the merchant's own code opens the page, and learns what came of it.</param>
    internal static NextAction Authenticate(string baseUrl, string merchantId, string clientSecret, string? returnUrl)
    {
        var url = $"{baseUrl}{Page}/{merchantId}/{clientSecret}";
        return returnUrl is null
            ? new NextAction { Type = "use_stripe_sdk", UseStripeSdk = new SdkRedirect(url) }
            : new NextAction { Type = "redirect_to_url", RedirectToUrl = new Redirect(returnUrl, url) };
    }

    /// <summary>Send the person to a URL.</summary>
    public sealed record Redirect(string ReturnUrl, string Url);

    /// <summary>Open the URL in a frame or window of one's own.</summary>
    /// <param name="StripeJs">The URL.</param>
    public sealed record SdkRedirect(string StripeJs)
    {
        public string Type { get; init; } = "three_d_secure_redirect";
    }
}
