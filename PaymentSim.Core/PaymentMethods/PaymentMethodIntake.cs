using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Network;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Takes cards and bank accounts in to keep them, and gives them to customers.</summary>
internal sealed class PaymentMethodIntake(
    CardReader cards, BankAccountReader accounts, TokenStore tokens, PaymentMethodStore methods, EventLog events, Ids ids, TimeProvider clock)
{
    /// <summary>A card or bank account as a customer's new source, not stored yet.</summary>
    /// <exception cref="ProblemException">The source is none, or the issuer declines the card.</exception>
    public async Task<PaymentMethod> NewSourceAsync(
        string merchantId, string customer, ChargeSource given, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var (taken, id) = await TakeAsync(merchantId, given, "source");
        return new PaymentMethod
        {
            Id = id ?? ids.New(taken.Card is null ? "ba" : "card"),
            MerchantId = merchantId,
            Customer = customer,
            Details = Verify(taken),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), metadata),
            CreatedAt = clock.GetUtcNow(),
        };
    }

    /// <summary>A payment method with its new customer, not stored yet; of one that all merchants have (<c>pm_card_visa</c>) a copy.</summary>
    /// <exception cref="ProblemException">There is none, it cannot be attached, or the issuer declines the card.</exception>
    public async Task<PaymentMethod> AttachedAsync(string merchantId, string id, string customer, string param)
    {
        if (CopyOf(id) is { } copy) return Attached(New(merchantId, copy), customer);

        var method = await methods.FindToChangeAsync(merchantId, id) ?? throw new ProblemException(NoSuch(id, param));
        if (method.Customer == customer) return method;
        if (method.Customer is not null)
            throw new ProblemException(Problem.Invalid("The payment method you provided has already been attached to a customer."));
        if (method.Details.Detached) throw WasDetached(id, param);
        return Attached(method, customer);
    }

    /// <summary>A payment method with its new customer, not stored yet.</summary>
    /// <exception cref="ProblemException">The issuer declines the card.</exception>
    public PaymentMethod Attached(PaymentMethod method, string customer) => method with { Customer = customer, Details = Verify(method.Details) };

    /// <summary>A payment method to pay with, stored: of one that all merchants have (<c>pm_card_visa</c>) a copy.</summary>
    /// <param name="customer">Who pays; one that somebody else has is refused.</param>
    /// <exception cref="ProblemException">There is none, or it cannot be used here.</exception>
    public async Task<PaymentMethod> UsableAsync(string merchantId, string id, string? customer)
    {
        const string Param = "payment_method";
        if (CopyOf(id) is { } copy)
        {
            var own = New(merchantId, copy);
            await methods.SaveAsync(own);
            return own;
        }

        var method = await methods.FindAsync(merchantId, id) ?? throw new ProblemException(NoSuch(CardNetwork.Mask(id), Param));
        if (method.Details.Detached) throw WasDetached(id, Param);
        MustBeVerified(method, Param);
        if (method.Customer is null || method.Customer == customer) return method;
        throw new ProblemException(Problem.Invalid(
            customer is null
                ? $"The payment method {id} belongs to a customer: give that customer, too."
                : $"The customer {customer} has no payment method {id}: it belongs to another customer.",
            Param));
    }

    /// <summary>What was given of a card or bank account as a payment method that belongs to no customer, stored.</summary>
    /// <param name="param">The parameter that it was given in, for errors; null: in those of the request itself.</param>
    /// <exception cref="ProblemException">No such token, one that was used before, or data that cannot be right.</exception>
    public async Task<PaymentMethod> NewMethodAsync(string merchantId, PaymentMethodParameters given, string? param = null)
    {
        string Name(string name) => param is null ? name : $"{param}[{name}]";
        var card = given.Card is { } typed ? await TakeCardAsync(merchantId, typed.Source, Name("card") + "[token]") : null;
        var billing = new BillingDetails { Name = card?.HolderName, Address = card?.Address ?? new Address() };
        var details = new SavedMethod
        {
            Card = card,
            BankAccount = given.UsBankAccount is { } account ? accounts.Read(account.Entry, Name("us_bank_account"))
                : given.SepaDebit is { } sepa ? accounts.Read(sepa.Iban!, Name("sepa_debit") + "[iban]")
                : null,
            Billing = given.BillingDetails?.Over(billing) ?? billing,
            AllowRedisplay = given.AllowRedisplay ?? "unspecified",
        };
        var method = New(merchantId, details) with { Metadata = Metadata.Merge(new Dictionary<string, string>(), given.Metadata) };
        await methods.SaveAsync(method);
        return method;
    }

    /// <summary>Stores what <see cref="AttachedAsync"/> answered, and tells of it.</summary>
    public async Task AttachAsync(PaymentMethod method)
    {
        await methods.SaveAsync(method);
        await events.AppendAsync(method.MerchantId, EventTypes.PaymentMethodAttached, method.Id, PaymentMethodObject.Of(method));
    }

    /// <summary>Stores what <see cref="NewSourceAsync"/> answered, and tells of it.</summary>
    public async Task AddSourceAsync(PaymentMethod source)
    {
        await methods.SaveAsync(source);
        await events.AppendAsync(source.MerchantId, EventTypes.CustomerSourceCreated, source.Id, PaymentMethodObject.SourceOf(source));
    }

    /// <summary>Removes a source, and tells of it.</summary>
    public async Task RemoveSourceAsync(string merchantId, string id)
    {
        if (await methods.FindToChangeAsync(merchantId, id) is not { } source) return;
        await methods.DeleteAsync(merchantId, id);
        await events.AppendAsync(merchantId, EventTypes.CustomerSourceDeleted, id, PaymentMethodObject.SourceOf(source));
    }

    /// <summary>What was found, where it is a source of this customer.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public static PaymentMethod SourceOf(string customer, PaymentMethod? found, string id, string param = "id") =>
        found?.Customer == customer && IsSource(found) ? found : throw new ProblemException(Missing("source", id, param));

    public static bool IsSource(PaymentMethod method) =>
        method.Id.StartsWith("card_", StringComparison.Ordinal) || method.Id.StartsWith("ba_", StringComparison.Ordinal);

    /// <summary>What ids of several kinds sort by.</summary>
    public static string AgeOf(string id) => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..];

    /// <exception cref="ProblemException">It is a bank account that nobody has proved to be its customer's.</exception>
    public static void MustBeVerified(PaymentMethod method, string param)
    {
        if (method.Details.Verification is not { Status: not AccountStatus.Verified }) return;
        throw new ProblemException(Problem.Invalid(
            $"The bank account {method.Id} has to be verified before it can be charged.", param, ProblemCode.BankAccountUnverified));
    }

    public static Problem NoSuch(string id, string param) => Missing("PaymentMethod", id, param);

    private static ProblemException WasDetached(string id, string param) =>
        new(Problem.Invalid($"The payment method {id} was detached from its customer and cannot be used again.", param));

    /// <summary>What a token, or card data, stands for; a token is used up. The id is the card's or account's own, where it has one.</summary>
    private async Task<(SavedMethod Method, string? Id)> TakeAsync(string merchantId, ChargeSource given, string param)
    {
        if (given.Token is not { } name) return (new SavedMethod { Card = cards.Read(given) }, null);
        if (TestCards.FindByName(name) is { } known) return (new SavedMethod { Card = cards.Keep(known, given) }, null);
        if (TestBankAccounts.FindByName(name) is { } account)
            return (new SavedMethod { BankAccount = accounts.Keep(account), Verification = new AccountVerification(AccountStatus.Verified) }, null);

        var token = await tokens.RedeemAsync(merchantId, name, param)
            ?? throw new ProblemException(Problem.Missing("token", CardNetwork.Mask(name), param) with { Kind = ProblemKind.InvalidRequest });
        return (
            new SavedMethod
            {
                Card = token.Card,
                BankAccount = token.BankAccount,
                Verification = token.BankAccount is null ? null : new AccountVerification(AccountStatus.New),
            },
            token.SourceId);
    }

    private async Task<CardSnapshot> TakeCardAsync(string merchantId, ChargeSource given, string param) => (await TakeAsync(merchantId, given, param)).Method.Card
        ?? throw new ProblemException(Problem.Invalid(
            "This token is a bank account's: save it as a customer's source, or the account as a payment method of the type us_bank_account.", param));

    private PaymentMethod New(string merchantId, SavedMethod details) => new()
    {
        Id = ids.New("pm"), MerchantId = merchantId, Details = details, Metadata = new Dictionary<string, string>(), CreatedAt = clock.GetUtcNow(),
    };

    private static Problem Missing(string what, string id, string param) =>
        Problem.Missing(what, id, param) with { Kind = param == "id" ? ProblemKind.NotFound : ProblemKind.InvalidRequest };

    /// <summary>What all merchants have under this name (<c>pm_card_visa</c>, <c>pm_usBankAccount</c>, <c>pm_sepaDebit_success_de</c>), or null.</summary>
    private SavedMethod? CopyOf(string name)
    {
        if (!name.StartsWith("pm_", StringComparison.Ordinal)) return null;
        if (TestCards.FindByName(name) is { } card) return new SavedMethod { Card = cards.Keep(card, ChargeSource.FromString(name)) };
        return (TestBankAccounts.FindByName(name) ?? TestIbans.FindByName(name)) is { } account ? new SavedMethod { BankAccount = accounts.Keep(account) } : null;
    }

    /// <summary>Asks the issuer before a card is kept for a customer.</summary>
    private SavedMethod Verify(SavedMethod method)
    {
        if (method.Card is not { } card) return method;
        return cards.CardOf(card).AttachDecline is { } decline
            ? throw new ProblemException(SourceResolver.ToProblem(decline))
            : method with { Card = card with { CvcCheck = card.CvcCheck is null ? null : "pass" } };
    }
}
