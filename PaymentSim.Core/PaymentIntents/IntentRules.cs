using System.Text.Json;
using FluentValidation;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>The rules that payment intents and setup intents share.</summary>
internal static class IntentRules
{
    public const string Card = "card";
    public const string BankAccount = "us_bank_account";
    public const string SepaDebit = "sepa_debit";

    /// <summary>The outcome of a check that is passed.</summary>
    public const string Succeed = "succeed";

    private const int LongestUrl = 5000;

    /// <summary>Only the first three can be paid with; the others are kept, as merchants' code gives them.</summary>
    private static readonly HashSet<string> Types =
    [
        Card, BankAccount, SepaDebit, "acss_debit", "affirm", "afterpay_clearpay", "alipay", "amazon_pay", "au_becs_debit", "bacs_debit", "bancontact", "blik", "boleto",
        "cashapp", "customer_balance", "eps", "fpx", "giropay", "grabpay", "ideal", "klarna", "konbini", "link", "mobilepay", "multibanco", "oxxo", "p24",
        "pay_by_bank", "paynow", "paypal", "pix", "promptpay", "revolut_pay", "sofort", "swish", "twint", "wechat_pay", "zip",
    ];

    /// <summary>Bank debits, each with the one currency that it pays in.</summary>
    public static readonly IReadOnlyDictionary<string, string> Currencies = new Dictionary<string, string> { [BankAccount] = "usd", [SepaDebit] = "eur" };

    /// <summary>Schemes that run what a URL holds, or show files.</summary>
    private static readonly HashSet<string> DangerousSchemes = ["javascript", "data", "vbscript", "file", "blob"];

    public static void OneOf<T>(this IRuleBuilder<T, string?> rule, string name, params string[] values) => rule
        .Must(value => string.IsNullOrEmpty(value) || values.Contains(value))
        .WithMessage($"Invalid {name}: must be one of {string.Join(", ", values)}");

    public static void MethodTypes<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) => rule
        .Must(types => types is null || (types.Count > 0 && types.All(Types.Contains)))
        .WithMessage((_, types) => types!.Count == 0
            ? "Name at least one type of payment methods, such as card."
            : $"Unknown type of payment methods: {types.First(type => !Types.Contains(type))}.");

    public static void MethodOptions<T>(this IRuleBuilder<T, JsonElement?> rule) => rule
        .Must(options => options is null || options.Value.ValueKind == JsonValueKind.Object)
        .WithMessage("Invalid object: payment_method_options must have named parts.");

    public static void Outcome<T>(this IRuleBuilder<T, string?> rule) => rule
        .NotEmpty().WithMessage("Missing required param: outcome.").WithCode(ProblemCode.ParameterMissing)
        .Must(outcome => outcome is Succeed or "fail").WithMessage("Invalid outcome: must be one of succeed, fail");

    /// <summary>An app's own scheme will do, too.</summary>
    public static void ReturnUrl<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(url => string.IsNullOrEmpty(url) || IsUrl(url))
        .WithMessage("Not a valid URL: it must be absolute, such as https://example.com/return.").WithCode(ProblemCode.UrlInvalid);

    private static bool IsUrl(string url) => url.Length <= LongestUrl && !url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        && Uri.TryCreate(url, UriKind.Absolute, out var uri) && url.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)
        && !DangerousSchemes.Contains(uri.Scheme);
}

/// <summary>Whether the processor chooses the types of payment methods.</summary>
public sealed record AutomaticPaymentMethodsParameters
{
    public bool? Enabled { get; init; }

    /// <summary><c>always</c> or <c>never</c>.</summary>
    public string? AllowRedirects { get; init; }

    internal static AutomaticPaymentMethods? Choose(AutomaticPaymentMethodsParameters? given) => given switch
    {
        null => new AutomaticPaymentMethods("always", true),
        { Enabled: true } => new AutomaticPaymentMethods(Text.NullIfEmpty(given.AllowRedirects) ?? "always", true),
        _ => null,
    };

    /// <summary>What can be paid with, or set up, where no list of types is given.</summary>
    /// <param name="currency">Null: none is known.</param>
    internal static IReadOnlyList<string> TypesOf(AutomaticPaymentMethodsParameters? given, string? currency) =>
        [IntentRules.Card, .. given is { Enabled: not true } ? [] : IntentRules.Currencies.Where(type => currency is null || currency == type.Value).Select(type => type.Key)];
}

internal sealed class AutomaticPaymentMethodsValidator : AbstractValidator<AutomaticPaymentMethodsParameters>
{
    public AutomaticPaymentMethodsValidator()
    {
        RuleFor(c => c.Enabled).NotNull()
            .WithMessage("Missing required param: automatic_payment_methods[enabled].").WithCode(ProblemCode.ParameterMissing);
        RuleFor(c => c.AllowRedirects).OneOf("allow_redirects", "always", "never");
    }
}
