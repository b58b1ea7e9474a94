using PaymentSim.Tests.Support;
using Stripe;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>Customers, payment methods, sources and tokens with the official SDK.</summary>
public sealed class StripeCustomersTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private readonly StripeClient _client = new(fixture.Simulator.NewMerchant().Key, apiBase: fixture.Simulator.Url);

    [EngineFact]
    public async Task Customers_are_created_read_changed_listed_and_deleted()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions
        {
            Email = "ada@example.com",
            Name = "Ada",
            Phone = "+15555555555",
            Description = "d",
            Address = new AddressOptions { City = "London" },
            Shipping = new ShippingOptions { Name = "Ada", Address = new AddressOptions { Line1 = "1 Main St" } },
            Metadata = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
            PreferredLocales = ["en"],
            BusinessName = "Engines",
            Validate = true,
            CashBalance = new CustomerCashBalanceOptions { Settings = new CustomerCashBalanceSettingsOptions { ReconciliationMode = "manual" } },
            InvoiceSettings = new CustomerInvoiceSettingsOptions
            {
                Footer = "f", CustomFields = [new CustomerInvoiceSettingsCustomFieldOptions { Name = "n", Value = "v" }],
            },
        });
        (customer.BusinessName, customer.InvoiceSettings.Footer, customer.InvoiceSettings.CustomFields.Single().Value).ShouldBe(("Engines", "f", "v"));
        customer.Id.ShouldStartWith("cus_");
        (customer.Email, customer.Name, customer.Address.City, customer.Shipping.Address.Line1).ShouldBe(("ada@example.com", "Ada", "London", "1 Main St"));

        var updated = await _client.V1.Customers.UpdateAsync(
            customer.Id, new CustomerUpdateOptions { Name = "Ada L", Metadata = new Dictionary<string, string> { ["a"] = "", ["c"] = "3" } });
        updated.Metadata.ShouldBe(new Dictionary<string, string> { ["b"] = "2", ["c"] = "3" }, ignoreOrder: true);
        (await _client.V1.Customers.GetAsync(customer.Id)).Name.ShouldBe("Ada L");
        await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Email = "bob@example.com" });
        (await _client.V1.Customers.ListAsync(new CustomerListOptions { Email = "ada@example.com", Created = new DateRangeOptions { GreaterThan = DateTime.UtcNow.AddDays(-1) } }))
            .ShouldHaveSingleItem().Id.ShouldBe(customer.Id);

        (await _client.V1.Customers.DeleteAsync(customer.Id)).Deleted.ShouldBe(true);
        (await _client.V1.Customers.GetAsync(customer.Id)).Deleted.ShouldBe(true);
        (await _client.V1.Customers.ListAsync()).ShouldHaveSingleItem().Email.ShouldBe("bob@example.com");
        (await TypesAsync()).ShouldBe(["customer.created", "customer.updated", "customer.created", "customer.deleted"]);
        var change = (await _client.V1.Events.ListAsync(new EventListOptions { Type = EventTypes.CustomerUpdated })).Single();
        change.Data.Object.ShouldBeOfType<Customer>().Name.ShouldBe("Ada L");
        ((string)change.Data.PreviousAttributes.name).ShouldBe("Ada");
    }

    [EngineFact]
    public async Task Tokens_are_made_read_and_saved_once()
    {
        var token = await TokenAsync("5555555555554444");
        (await _client.V1.Tokens.GetAsync(token.Id)).Card.Last4.ShouldBe("4444");

        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = token.Id });

        customer.DefaultSourceId.ShouldBe(token.Card.Id);
        (await _client.V1.Tokens.GetAsync(token.Id)).Used.ShouldBeTrue();
        var again = await Should.ThrowAsync<StripeException>(() => _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = token.Id }));
        (again.StripeError.Code, again.StripeError.Param).ShouldBe(("token_already_used", "source"));
        (await _client.V1.Customers.ListAsync()).ShouldHaveSingleItem();
    }

    [EngineFact]
    public async Task Sources_are_added_read_listed_and_removed_and_the_next_one_becomes_the_default()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = "tok_visa" });
        var sources = _client.V1.Customers.PaymentSources;

        var added = (Card)await sources.CreateAsync(customer.Id, new CustomerPaymentSourceCreateOptions { Source = (await TokenAsync("5555555555554444")).Id });

        (added.Brand, added.CustomerId).ShouldBe(("MasterCard", customer.Id));
        ((Card)await sources.GetAsync(customer.Id, added.Id)).Last4.ShouldBe("4444");
        (await sources.ListAsync(customer.Id)).Select(source => source.Id).ShouldBe([added.Id, customer.DefaultSourceId]);
        await sources.DeleteAsync(customer.Id, customer.DefaultSourceId);
        (await sources.ListAsync(customer.Id)).ShouldHaveSingleItem().Id.ShouldBe(added.Id);
        (await _client.V1.Customers.GetAsync(customer.Id)).DefaultSourceId.ShouldBe(added.Id);
        var replaced = await _client.V1.Customers.UpdateAsync(customer.Id, new CustomerUpdateOptions { Source = "tok_amex" });
        (await sources.ListAsync(customer.Id)).ShouldHaveSingleItem().Id.ShouldBe(replaced.DefaultSourceId);
        (await TypesAsync()).Count(type => type is "customer.source.created").ShouldBe(3);
        (await TypesAsync()).Count(type => type is "customer.source.deleted").ShouldBe(2);
    }

    [EngineFact]
    public async Task A_source_is_changed()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = "tok_visa" });

        var changed = (Card)await _client.V1.Customers.PaymentSources.UpdateAsync(customer.Id, customer.DefaultSourceId, new CustomerPaymentSourceUpdateOptions
        {
            Name = "Ada", AddressCity = "London", AddressLine1 = "1 Main St", ExpMonth = "3", ExpYear = "2041", Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });

        (changed.Name, changed.AddressCity, changed.AddressLine1, changed.ExpMonth, changed.ExpYear).ShouldBe(("Ada", "London", "1 Main St", 3, 2041));
        ((Card)await _client.V1.Customers.PaymentSources.GetAsync(customer.Id, changed.Id)).Metadata.ShouldBe(new Dictionary<string, string> { ["a"] = "1" });
        var told = (await _client.V1.Events.ListAsync(new EventListOptions { Type = "customer.source.updated" })).ShouldHaveSingleItem();
        ((string)told.Data.PreviousAttributes.address_city).ShouldBeNull();
        (await ChargeAsync(customer.Id, null)).PaymentMethodDetails.Card.ExpYear.ShouldBe(2041);
        (await Should.ThrowAsync<StripeException>(() => _client.V1.Customers.PaymentSources.UpdateAsync(
            customer.Id, changed.Id, new CustomerPaymentSourceUpdateOptions { ExpMonth = "13" }))).StripeError.ShouldSatisfyAllConditions(
            error => error.Code.ShouldBe("invalid_expiry_month"), error => error.Param.ShouldBe("exp_month"));
    }

    [EngineFact]
    public async Task A_bank_account_is_saved_as_a_source_verified_charged_and_removed()
    {
        var token = await _client.V1.Tokens.CreateAsync(new TokenCreateOptions
        {
            BankAccount = new TokenBankAccountOptions { Country = "US", Currency = "usd", RoutingNumber = "110000000", AccountNumber = "000123456789" },
        });
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = token.Id });
        var sources = _client.V1.Customers.PaymentSources;
        customer.DefaultSourceId.ShouldBe(token.BankAccount.Id);
        var saved = (BankAccount)await sources.GetAsync(customer.Id, customer.DefaultSourceId);
        (saved.Status, saved.CustomerId, saved.Last4).ShouldBe(("new", customer.Id, "6789"));
        (await Should.ThrowAsync<StripeException>(() => ChargeAsync(customer.Id, null))).StripeError.Code.ShouldBe("bank_account_unverified");
        (await Should.ThrowAsync<StripeException>(() => sources.VerifyAsync(customer.Id, saved.Id, new CustomerPaymentSourceVerifyOptions { Amounts = [1, 2] })))
            .StripeError.Code.ShouldBe("bank_account_verification_failed");

        var verified = (BankAccount)await sources.VerifyAsync(customer.Id, saved.Id, new CustomerPaymentSourceVerifyOptions { Amounts = [32, 45] });

        verified.Status.ShouldBe("verified");
        var charge = await ChargeAsync(customer.Id, null);
        (charge.Status, charge.PaymentMethod, charge.PaymentMethodDetails.Type).ShouldBe(("pending", saved.Id, "us_bank_account"));
        var card = await sources.CreateAsync(customer.Id, new CustomerPaymentSourceCreateOptions { Source = "tok_visa" });
        (await sources.ListAsync(customer.Id, new CustomerPaymentSourceListOptions { Object = "bank_account" })).ShouldHaveSingleItem().ShouldBeOfType<BankAccount>();
        (await sources.ListAsync(customer.Id)).Select(source => source.GetType()).ShouldBe([typeof(Card), typeof(BankAccount)]);
        var shown = await _client.V1.Customers.GetAsync(customer.Id, new CustomerGetOptions { Expand = ["default_source", "sources"] });
        (shown.DefaultSource.ShouldBeOfType<BankAccount>().Status, shown.Sources.Count()).ShouldBe(("verified", 2));
        ((BankAccount)await sources.UpdateAsync(customer.Id, saved.Id, new CustomerPaymentSourceUpdateOptions { AccountHolderName = "Ada", AccountHolderType = "company" }))
            .ShouldSatisfyAllConditions(account => account.AccountHolderName.ShouldBe("Ada"), account => account.AccountHolderType.ShouldBe("company"));
        (await sources.DeleteAsync(customer.Id, saved.Id)).Id.ShouldBe(saved.Id);
        (await _client.V1.Customers.GetAsync(customer.Id)).DefaultSourceId.ShouldBe(card.Id);
        (await _client.V1.Events.ListAsync(new EventListOptions { Type = "customer.source.deleted" })).ShouldHaveSingleItem().Data.Object.ShouldBeOfType<BankAccount>();
    }

    [EngineFact]
    public async Task A_bank_account_is_kept_listed_changed_and_debited()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { PaymentMethod = "pm_card_visa" });
        var made = await _client.V1.PaymentMethods.CreateAsync(new PaymentMethodCreateOptions
        {
            Type = "us_bank_account",
            UsBankAccount = new PaymentMethodUsBankAccountOptions { AccountNumber = "000123456789", RoutingNumber = "110000000", AccountHolderType = "company" },
            BillingDetails = new PaymentMethodBillingDetailsOptions { Name = "Ada" },
        });
        (made.Type, made.Card, made.UsBankAccount.Last4, made.UsBankAccount.RoutingNumber, made.UsBankAccount.Networks.Preferred)
            .ShouldBe(("us_bank_account", null, "6789", "110000000", "ach"));
        await Should.ThrowAsync<StripeException>(() => _client.V1.PaymentMethods.UpdateAsync(made.Id, new PaymentMethodUpdateOptions { AllowRedisplay = "always" }));

        await _client.V1.PaymentMethods.AttachAsync(made.Id, new PaymentMethodAttachOptions { Customer = customer.Id });
        var copy = await _client.V1.PaymentMethods.AttachAsync("pm_usBankAccount_accountClosed", new PaymentMethodAttachOptions { Customer = customer.Id });
        (await _client.V1.PaymentMethods.UpdateAsync(made.Id, new PaymentMethodUpdateOptions
        {
            UsBankAccount = new PaymentMethodUsBankAccountOptions { AccountType = "savings" },
        })).UsBankAccount.ShouldSatisfyAllConditions(account => account.AccountType.ShouldBe("savings"), account => account.AccountHolderType.ShouldBe("company"));
        (await Should.ThrowAsync<StripeException>(() => _client.V1.PaymentMethods.UpdateAsync(
            made.Id, new PaymentMethodUpdateOptions { Card = new PaymentMethodCardOptions { ExpYear = 2036 } }))).StripeError.Param.ShouldBe("card");

        var own = _client.V1.Customers.PaymentMethods;
        (await own.ListAsync(customer.Id)).Count().ShouldBe(3);
        (await own.ListAsync(customer.Id, new CustomerPaymentMethodListOptions { Type = "us_bank_account" })).Select(method => method.Id).ShouldBe([copy.Id, made.Id]);
        (await own.GetAsync(customer.Id, copy.Id)).UsBankAccount.Last4.ShouldBe("1113");
        var stranger = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        (await own.ListAsync(stranger.Id)).ShouldBeEmpty();
        (await Should.ThrowAsync<StripeException>(() => own.GetAsync(stranger.Id, copy.Id))).StripeError.Code.ShouldBe("resource_missing");
        var debit = await ChargeAsync(customer.Id, made.Id);
        (debit.Status, debit.PaymentMethod, debit.PaymentMethodDetails.UsBankAccount.AccountType).ShouldBe(("pending", made.Id, "savings"));
    }

    [EngineFact]
    public async Task Payment_methods_are_made_changed_attached_listed_and_detached()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        var methods = _client.V1.PaymentMethods;
        var made = await methods.CreateAsync(new PaymentMethodCreateOptions
        {
            Type = "card",
            Card = new PaymentMethodCardOptions { Number = "4242424242424242", ExpMonth = 8, ExpYear = 2035, Cvc = "123" },
            BillingDetails = new PaymentMethodBillingDetailsOptions { Name = "Ada", Address = new AddressOptions { City = "London" } },
        });
        (made.Card.Last4, made.BillingDetails.Address.City, made.CustomerId).ShouldBe(("4242", "London", null));

        (await methods.AttachAsync(made.Id, new PaymentMethodAttachOptions { Customer = customer.Id })).CustomerId.ShouldBe(customer.Id);
        var copy = await methods.AttachAsync("pm_card_mastercard", new PaymentMethodAttachOptions { Customer = customer.Id });
        copy.Id.ShouldNotBe("pm_card_mastercard");
        var updated = await methods.UpdateAsync(made.Id, new PaymentMethodUpdateOptions
        {
            Card = new PaymentMethodCardOptions { ExpYear = 2036 },
            BillingDetails = new PaymentMethodBillingDetailsOptions { Email = "ada@example.com" },
            Metadata = new Dictionary<string, string> { ["a"] = "1" },
        });
        (updated.Card.ExpYear, updated.Card.ExpMonth, updated.BillingDetails.Name, updated.BillingDetails.Email).ShouldBe((2036, 8, "Ada", "ada@example.com"));
        (await methods.ListAsync(new PaymentMethodListOptions { Customer = customer.Id, Type = "card" })).Select(method => method.Id).ShouldBe([copy.Id, made.Id]);
        (await _client.V1.Customers.UpdateAsync(customer.Id, new CustomerUpdateOptions
        {
            InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = made.Id },
        })).InvoiceSettings.DefaultPaymentMethodId.ShouldBe(made.Id);

        (await methods.DetachAsync(made.Id)).CustomerId.ShouldBeNull();

        (await methods.GetAsync(made.Id)).CustomerId.ShouldBeNull();
        (await methods.ListAsync(new PaymentMethodListOptions { Customer = customer.Id })).ShouldHaveSingleItem().Id.ShouldBe(copy.Id);
        (await _client.V1.Customers.GetAsync(customer.Id)).InvoiceSettings.DefaultPaymentMethodId.ShouldBeNull();
        await Should.ThrowAsync<StripeException>(() => methods.AttachAsync(made.Id, new PaymentMethodAttachOptions { Customer = customer.Id }));
        (await TypesAsync()).ShouldBe(
        [
            "customer.created", "payment_method.attached", "payment_method.attached", "payment_method.updated", "customer.updated",
            "payment_method.detached", "customer.updated",
        ]);
    }

    [EngineFact]
    public async Task A_customers_cards_are_charged()
    {
        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions
        {
            Source = "tok_visa",
            PaymentMethod = "pm_card_mastercard",
            InvoiceSettings = new CustomerInvoiceSettingsOptions { DefaultPaymentMethod = "pm_card_mastercard" },
        });

        var byDefault = await ChargeAsync(customer.Id, null);
        var named = await ChargeAsync(customer.Id, customer.InvoiceSettings.DefaultPaymentMethodId);

        (byDefault.CustomerId, byDefault.PaymentMethod, byDefault.PaymentMethodDetails.Card.Last4).ShouldBe((customer.Id, customer.DefaultSourceId, "4242"));
        named.PaymentMethodDetails.Card.Last4.ShouldBe("4444");
        (await _client.V1.Charges.ListAsync(new ChargeListOptions { Customer = customer.Id })).Count().ShouldBe(2);
        (await FailureAsync(customer.Id, "tok_visa")).Param.ShouldBe("source");
        (await FailureAsync("cus_x", null)).ShouldSatisfyAllConditions(
            error => error.Code.ShouldBe("resource_missing"), error => error.Param.ShouldBe("customer"), error => error.Message.ShouldBe("No such customer: 'cus_x'"));
        var bare = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions());
        (await FailureAsync(bare.Id, null)).Message.ShouldBe("Cannot charge a customer that has no active card");
        (await FailureAsync(bare.Id, customer.DefaultSourceId)).Code.ShouldBe("resource_missing");
        await _client.V1.Customers.DeleteAsync(customer.Id);
        (await FailureAsync(customer.Id, null)).Param.ShouldBe("customer");
    }

    [EngineFact]
    public async Task Cards_that_decline_cannot_be_saved_but_the_one_that_declines_charges_alone()
    {
        var refused = await Should.ThrowAsync<StripeException>(() => _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = "tok_chargeDeclined" }));
        ((int)refused.HttpStatusCode, refused.StripeError.Code).ShouldBe((402, "card_declined"));
        (await _client.V1.Customers.ListAsync()).ShouldBeEmpty();

        var customer = await _client.V1.Customers.CreateAsync(new CustomerCreateOptions { Source = (await TokenAsync("4000000000000341")).Id });
        var error = await FailureAsync(customer.Id, null);

        (error.Type, error.Code).ShouldBe(("card_error", "card_declined"));
        (await _client.V1.Charges.GetAsync(error.Charge)).CustomerId.ShouldBe(customer.Id);
    }

    private async Task<List<string>> TypesAsync() => [.. (await _client.V1.Events.ListAsync(new EventListOptions { Limit = 100 })).Select(e => e.Type).Reverse()];

    private Task<Token> TokenAsync(string number) => _client.V1.Tokens.CreateAsync(new TokenCreateOptions
    {
        Card = new TokenCardOptions { Number = number, ExpMonth = "8", ExpYear = "2035", Cvc = "123" },
    });

    private Task<Charge> ChargeAsync(string customer, string? source) =>
        _client.V1.Charges.CreateAsync(new ChargeCreateOptions { Amount = 2000, Currency = "usd", Customer = customer, Source = source });

    private async Task<StripeError> FailureAsync(string customer, string? source) =>
        (await Should.ThrowAsync<StripeException>(() => ChargeAsync(customer, source))).StripeError;
}
