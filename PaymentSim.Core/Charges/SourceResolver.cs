using System.Text;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Network;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Core.Charges;

/// <summary>What came of a source: a card that was answered, a bank account to be debited, or a fault of the processor to play.</summary>
internal abstract record ResolvedSource
{
    /// <param name="Id">The card's own, where it has one already.</param>
    public sealed record Card(CardSnapshot Snapshot, TestCard Of, Decline? Decline, string? Id = null) : ResolvedSource
    {
        /// <summary>The cardholder was asked, and passed.</summary>
        public bool Authenticated { get; init; }
    }

    /// <param name="Id">The account's own, where it has one already.</param>
    public sealed record BankAccount(BankAccountSnapshot Snapshot, string? Id = null) : ResolvedSource;

    /// <summary>Who pays, where a payment method says so.</summary>
    public BillingDetails? Billing { get; init; }

    public sealed record Fault(Problem Problem) : ResolvedSource;
}

/// <summary>Finds out what a source stands for, and asks the network about it.</summary>
internal sealed class SourceResolver(
    ChargeStore charges, TokenStore tokens, CustomerStore customers, PaymentMethodStore saved, CardReader cards, BankAccountReader accounts, SecretBox secrets)
{
    private const char SequenceSeparator = '|';

    /// <summary>Tokens that make the processor itself fail.</summary>
    private static readonly Dictionary<string, Problem> Faults = new()
    {
        ["tok_429"] = new(ProblemKind.RateLimit, ProblemCode.RateLimit, "Too many requests: the token tok_429 asks for this answer."),
        ["tok_500"] = new(ProblemKind.Api, null, "Something went wrong on the processor's side: the token tok_500 asks for this answer."),
    };

    /// <summary>The fault that a source alone stands for; one inside a sequence is played when its turn comes.</summary>
    public static Problem? FaultOf(ChargeSource? source) => source?.Token is { } token ? Faults.GetValueOrDefault(token) : null;

    /// <exception cref="ProblemException">No such token, one that was used before, or card data that cannot be right.</exception>
    public async Task<ResolvedSource> ResolveAsync(ChargeSource source, string merchantId)
    {
        if (source.Token is not { } name)
            return Answer(source, cards.Authorize(new CardEntry(source.Number!, source.ExpMonth!.Value, source.ExpYear!.Value, source.Cvc)));

        if (name.Contains(SequenceSeparator, StringComparison.Ordinal))
        {
            var names = name.Split(SequenceSeparator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length == 0) throw NoSuchToken(name);
            foreach (var step in names) Check(step);
            // The hash stands for the sequence, since a step may be a card number; past the end the last outcome repeats.
            var uses = await charges.CountUseAsync(merchantId, Convert.ToHexStringLower(secrets.Mac("sequence", Encoding.UTF8.GetBytes(name))));
            name = names[Math.Min(uses, names.Length - 1)];
        }

        return ByName(name, source)
            ?? (await tokens.RedeemAsync(merchantId, name, "source") is { } token ? Answer(token.Card, token.BankAccount, token.SourceId) : throw NoSuchToken(name));
    }

    /// <summary>A card or bank account that a customer has saved: the named one, or the default source.</summary>
    /// <exception cref="ProblemException">No such customer, or it has no such card or account.</exception>
    public async Task<ResolvedSource> OfCustomerAsync(string merchantId, string customerId, ChargeSource? source)
    {
        var customer = await customers.FindAsync(merchantId, customerId);
        if (customer is null or { Deleted: true })
            throw new ProblemException(Problem.Missing("customer", customerId, "customer") with { Kind = ProblemKind.InvalidRequest });
        if (source is { Token: null }) throw new ProblemException(Problem.Invalid("A customer is charged by a saved card's id, not by card data.", "source"));

        var id = source?.Token ?? customer.Details.DefaultSource
            ?? throw new ProblemException(Problem.Invalid("Cannot charge a customer that has no active card", "card", ProblemCode.ResourceMissing));
        if (await saved.FindAsync(merchantId, id) is not { } method || method.Customer != customerId)
        {
            throw new ProblemException(Problem.Invalid(
                $"Customer {customerId} does not have a linked source with ID {CardNetwork.Mask(id)}.", "source", ProblemCode.ResourceMissing));
        }

        PaymentMethodIntake.MustBeVerified(method, "source");
        return OfMethod(method);
    }

    /// <summary>Asks about a payment method that is kept.</summary>
    /// <param name="authenticated">The cardholder was asked, and passed.</param>
    public ResolvedSource OfMethod(PaymentMethod method, bool authenticated = false) =>
        Answer(method.Details.Card, method.Details.BankAccount, method.Id, authenticated) with
        {
            Billing = PaymentMethodIntake.IsSource(method) ? null : method.Details.Billing,
        };

    private static void Check(string name)
    {
        if (!Faults.ContainsKey(name) && TestCards.FindByName(name) is null && TestBankAccounts.FindByName(name) is null && CardNetwork.Digits(name) is null)
            throw NoSuchToken(name);
    }

    private ResolvedSource? ByName(string name, ChargeSource source)
    {
        if (Faults.GetValueOrDefault(name) is { } fault) return new ResolvedSource.Fault(fault);
        if (TestBankAccounts.FindByName(name) is { } account) return new ResolvedSource.BankAccount(accounts.Keep(account));
        if (TestCards.FindByName(name) is { } card) return Answer(source, CardNetwork.Authorize(card));
        return CardNetwork.Digits(name) is { } number ? Answer(source, cards.Authorize(number)) : null;
    }

    private ResolvedSource.Card Answer(ChargeSource source, Authorization authorization)
    {
        if (authorization is Authorization.Refused refused) throw new ProblemException(ToProblem(refused.Decline));

        var (card, decline) = (Authorization.Answered)authorization;
        return new ResolvedSource.Card(Checked(cards.Keep(card, source), decline), card, decline);
    }

    /// <summary>Asks about a card that was kept; a bank answers later.</summary>
    private ResolvedSource Answer(CardSnapshot? kept, BankAccountSnapshot? account, string id, bool authenticated = false)
    {
        if (kept is null) return new ResolvedSource.BankAccount(account!, id);
        var card = cards.CardOf(kept);
        var decline = authenticated && card.AsksForAuthentication ? card.AfterAuthentication : card.Decline;
        return new ResolvedSource.Card(Checked(kept, decline), card, decline, id) { Authenticated = authenticated };
    }

    /// <summary>The security code was compared, where there was one.</summary>
    private static CardSnapshot Checked(CardSnapshot card, Decline? decline) =>
        card.CvcCheck is null ? card : card with { CvcCheck = decline == Decline.IncorrectCvc ? "fail" : "pass" };

    /// <summary>What the merchant is told of a decline.</summary>
    public static Problem ToProblem(Decline decline) =>
        new(ProblemKind.Card, decline.Code, decline.Message) { DeclineCode = decline.DeclineCode, Param = decline.Param };

    private static ProblemException NoSuchToken(string name) => new(
        Problem.Missing("token", CardNetwork.Mask(name), "source") with { Kind = ProblemKind.InvalidRequest });
}
