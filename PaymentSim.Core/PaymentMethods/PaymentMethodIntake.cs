using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.Network;
using PaymentSim.Core.Tokens;

namespace PaymentSim.Core.PaymentMethods;

/// <summary>Takes cards and bank accounts in to keep them, and gives them to customers.</summary>
internal sealed class PaymentMethodIntake(
    CardReader cards, BankAccountReader accounts, TokenStore tokens, PaymentMethodStore methods, EventLog events, Ids ids, TimeProvider clock)
{
    /// <summary>The card that a token, or card data, stands for; a token is used up. The id is the card's own, where it has one.</summary>
    /// <param name="param">The parameter, for errors.</param>
    /// <exception cref="ProblemException">No such token, one that was used before, or card data that cannot be right.</exception>
    public async Task<(CardSnapshot Card, string? Id)> TakeAsync(string merchantId, ChargeSource given, string param)
    {
        if (given.Token is not { } name) return (cards.Read(given), null);
        if (TestCards.FindByName(name) is { } known) return (cards.Keep(known, given), null);
        var isAccount = TestBankAccounts.FindByName(name) is not null;
        var token = isAccount ? null : await tokens.RedeemAsync(merchantId, name, param);
        if (isAccount || token?.BankAccount is not null)
        {
            throw new ProblemException(Problem.Invalid(
                "A bank account's token can be charged, but is not saved as a source; save the account as a payment method of the type us_bank_account.", param));
        }

        return token is { Card: { } card }
            ? (card, token.SourceId)
            : throw new ProblemException(Problem.Missing("token", CardNetwork.Mask(name), param) with { Kind = ProblemKind.InvalidRequest });
    }

    /// <summary>A card as a customer's new source, not stored yet.</summary>
    /// <exception cref="ProblemException">The source is none, or the issuer declines the card.</exception>
    public async Task<PaymentMethod> NewSourceAsync(
        string merchantId, string customer, ChargeSource given, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var (card, id) = await TakeAsync(merchantId, given, "source");
        return new PaymentMethod
        {
            Id = id ?? ids.New("card"),
            MerchantId = merchantId,
            Customer = customer,
            Details = Verify(new SavedMethod { Card = card }),
            Metadata = Metadata.Merge(new Dictionary<string, string>(), metadata),
            CreatedAt = clock.GetUtcNow(),
        };
    }

    /// <summary>A payment method with its new customer, not stored yet; of one that all merchants have (<c>pm_card_visa</c>) a copy.</summary>
    /// <exception cref="ProblemException">There is none, it cannot be attached, or the issuer declines the card.</exception>
    public async Task<PaymentMethod> AttachedAsync(string merchantId, string id, string customer, string param)
    {
        if (CopyOf(id) is { } copy)
        {
            return new PaymentMethod
            {
                Id = ids.New("pm"),
                MerchantId = merchantId,
                Customer = customer,
                Details = Verify(copy),
                Metadata = new Dictionary<string, string>(),
                CreatedAt = clock.GetUtcNow(),
            };
        }

        var method = await methods.FindToChangeAsync(merchantId, id) ?? throw new ProblemException(NoSuch(id, param));
        if (method.Customer == customer) return method;
        if (method.Customer is not null)
            throw new ProblemException(Problem.Invalid("The payment method you provided has already been attached to a customer."));
        if (method.Details.Detached)
        {
            throw new ProblemException(Problem.Invalid(
                $"The payment method {id} was detached from its customer and cannot be used again.", param));
        }

        return method with { Customer = customer, Details = Verify(method.Details) };
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

    public static bool IsSource(PaymentMethod method) => method.Id.StartsWith("card_", StringComparison.Ordinal);

    public static Problem NoSuch(string id, string param) => Missing("PaymentMethod", id, param);

    private static Problem Missing(string what, string id, string param) =>
        Problem.Missing(what, id, param) with { Kind = param == "id" ? ProblemKind.NotFound : ProblemKind.InvalidRequest };

    /// <summary>What all merchants have under this name (<c>pm_card_visa</c>, <c>pm_usBankAccount</c>), or null.</summary>
    private SavedMethod? CopyOf(string name)
    {
        if (!name.StartsWith("pm_", StringComparison.Ordinal)) return null;
        if (TestCards.FindByName(name) is { } card) return new SavedMethod { Card = cards.Keep(card, ChargeSource.FromString(name)) };
        return TestBankAccounts.FindByName(name) is { } account ? new SavedMethod { BankAccount = accounts.Keep(account) } : null;
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
