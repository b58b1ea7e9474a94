using System.Reflection;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Expansion;

public sealed class ExpanderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public ExpanderTests() => _core = new CoreHost(_folder);

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task Each_kind_of_a_field_is_loaded_once_for_a_whole_page()
    {
        for (var i = 0; i < 3; i++)
        {
            var customer = await _core.SendAsync(new CreateCustomer
            {
                Source = ChargeSource.FromString("tok_visa"),
                PaymentMethod = "pm_card_mastercard",
                InvoiceSettings = new InvoiceSettingsParameters { DefaultPaymentMethod = "pm_card_mastercard" },
            });
            for (var n = 0; n < 2; n++) await _core.SendAsync(new CreateCharge { Amount = 2000, Currency = "usd", Customer = customer.Id });
        }

        var page = await _core.SendAsync(new ListCharges());
        var loads = new List<(Type Kind, int Ids)>();

        var json = await new Expander(_core.Get<IEnumerable<IExpansion>>().Select(inner => new Counted(inner, loads))).ExpandAsync(
            CoreHost.Merchant,
            page,
            typeof(Page<ChargeObject>),
            ExpandPaths.Of(["data.customer", "data.customer.default_source", "data.customer.invoice_settings.default_payment_method", "data.customer.sources"]));

        loads.ShouldBe([(typeof(CustomerObject), 3), (typeof(CustomerSource), 3), (typeof(PaymentMethodObject), 3), (typeof(SourceList), 3)]);
        foreach (var charge in json["data"]!.AsArray())
        {
            var customer = charge!["customer"]!;
            customer["default_source"]!["customer"]!.GetValue<string>().ShouldBe(customer["id"]!.GetValue<string>());
            customer["invoice_settings"]!["default_payment_method"]!["card"]!["brand"]!.GetValue<string>().ShouldBe("mastercard");
            customer["sources"]!["data"]!.AsArray().ShouldHaveSingleItem();
        }
    }

    [Theory]
    [InlineData(typeof(ChargeObject), "customer")]
    [InlineData(typeof(ChargeObject), "customer.default_source")]
    [InlineData(typeof(ChargeObject), "customer.default_source.customer.default_source")]
    [InlineData(typeof(ChargeObject), "customer.sources.data.customer")]
    [InlineData(typeof(ChargeObject), "refunds")]
    [InlineData(typeof(ChargeObject), "application")]
    [InlineData(typeof(CustomerObject), "invoice_settings.default_payment_method.customer")]
    [InlineData(typeof(Page<ChargeObject>), "data.customer.default_source.customer.default_source")]
    public void A_path_to_what_can_be_expanded_is_taken(Type answer, string path) => ExpandPaths.Check(answer, [path]);

    [Theory]
    [InlineData(typeof(ChargeObject), "nothing", "This property cannot be expanded (nothing).")]
    [InlineData(typeof(ChargeObject), "", "This property cannot be expanded ().")]
    [InlineData(typeof(ChargeObject), "amount", "This property cannot be expanded (amount).")]
    [InlineData(typeof(ChargeObject), "metadata.customer", "This property cannot be expanded (metadata.customer).")]
    [InlineData(typeof(ChargeObject), "Customer", "This property cannot be expanded (Customer).")]
    [InlineData(typeof(ChargeObject), "data.customer", "This property cannot be expanded (data.customer).")]
    [InlineData(typeof(ChargeObject), "billing_details", "This property cannot be expanded (billing_details).")]
    [InlineData(typeof(ChargeObject), "customer.", "This property cannot be expanded (customer.).")]
    [InlineData(typeof(ChargeObject), "customer.email", "This property cannot be expanded (customer.email).")]
    [InlineData(typeof(Page<ChargeObject>), "customer", "This property cannot be expanded (customer).")]
    [InlineData(typeof(Page<ChargeObject>), "data", "This property cannot be expanded (data).")]
    [InlineData(typeof(ChargeObject), "a.b.c.d.e", "You cannot expand more than 4 levels of a property. Property: a.b.c.d.e")]
    [InlineData(typeof(Page<ChargeObject>), "data.a.b.c.d.e", "You cannot expand more than 4 levels of a property. Property: data.a.b.c.d.e")]
    public void Another_path_is_refused_by_its_place(Type answer, string path, string message)
    {
        var refused = Should.Throw<ProblemException>(() => ExpandPaths.Check(answer, [.. Good(answer), path])).Problem;

        (refused.Kind, refused.Param, refused.Message).ShouldBe((ProblemKind.InvalidRequest, "expand[1]", message));
    }

    [EngineFact]
    public void Every_kind_that_a_field_names_can_be_loaded()
    {
        var loadable = _core.Get<IEnumerable<IExpansion>>().Select(expansion => expansion.Kind).ToList();

        loadable.ShouldBeUnique();
        var kinds = typeof(PaymentSimCore).Assembly.GetTypes().SelectMany(type => type.GetProperties())
            .SelectMany(property => property.GetCustomAttribute<ExpandableAttribute>()?.Kinds ?? []).Distinct().ToList();
        kinds.Count.ShouldBeGreaterThan(3);
        kinds.Except(loadable).ShouldBeEmpty();
    }

    [Fact]
    public void A_request_that_takes_fields_to_expand_expands_them() => typeof(PaymentSimCore).Assembly.GetTypes()
        .Where(type => type.IsClass && type.GetProperty("Expand") is not null && !type.IsAssignableTo(typeof(IExpands))).ShouldBeEmpty();

    private static string[] Good(Type answer) => [answer == typeof(Page<ChargeObject>) ? "data.customer" : "customer"];

    private sealed class Counted(IExpansion inner, List<(Type Kind, int Ids)> loads) : IExpansion
    {
        public Type Kind => inner.Kind;

        public Task<IReadOnlyDictionary<string, object>> LoadAsync(string merchantId, IReadOnlyList<string> ids)
        {
            loads.Add((Kind, ids.Count));
            return inner.LoadAsync(merchantId, ids);
        }
    }
}
