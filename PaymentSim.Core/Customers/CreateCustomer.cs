using System.Text.Json;
using MediatR;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Keeps somebody who pays more than once, with a card where one is given.</summary>
public sealed record CreateCustomer : CustomerParameters, ICommand<CustomerObject>
{
    /// <summary>A payment method to attach.</summary>
    public string? PaymentMethod { get; init; }

    /// <summary>Accepted, and without effect.</summary>
    [WithoutEffect]
    public JsonElement? TaxIdData { get; init; }

    /// <summary>Echoed, and without effect.</summary>
    [WithoutEffect]
    public string? TestClock { get; init; }
}

internal sealed class CreateCustomerValidator : CustomerParametersValidator<CreateCustomer>;

internal sealed class CreateCustomerHandler(
    RequestContext context, CustomerStore customers, PaymentMethodIntake intake, EventLog events, Ids ids, TimeProvider clock)
    : IRequestHandler<CreateCustomer, CustomerObject>
{
    private const int PrefixLength = 8;

    public async Task<CustomerObject> Handle(CreateCustomer request, CancellationToken cancellationToken)
    {
        var id = ids.New("cus");
        var source = request.Source is { } given ? await intake.NewSourceAsync(context.MerchantId, id, given, request.Source.Metadata) : null;
        var method = Text.NullIfEmpty(request.PaymentMethod) is { } named
            ? await intake.AttachedAsync(context.MerchantId, named, id, "payment_method")
            : null;
        var customer = Decide(request, id, source?.Id, DefaultOf(request, source, method));

        await customers.SaveAsync(customer);
        var answer = CustomerObject.Of(customer);
        await events.AppendAsync(customer.MerchantId, EventTypes.CustomerCreated, customer.Id, answer);
        if (source is not null) await intake.AddSourceAsync(source);
        if (method is not null) await intake.AttachAsync(method);
        return answer;
    }

    /// <summary>A new customer has what comes with it and nothing else; a copy goes by the name of what it was made of.</summary>
    private static string? DefaultOf(CreateCustomer request, PaymentMethod? source, PaymentMethod? method)
    {
        var wanted = Text.NullIfEmpty(request.InvoiceSettings?.DefaultPaymentMethod);
        if (wanted is null) return null;
        return wanted == request.PaymentMethod ? method!.Id
            : wanted == source?.Id ? source.Id
            : throw new ProblemException(PaymentMethodIntake.NoSuch(wanted, "invoice_settings[default_payment_method]"));
    }

    private Customer Decide(CreateCustomer request, string id, string? defaultSource, string? defaultMethod) => new()
    {
        Id = id,
        MerchantId = context.MerchantId,
        Email = Text.NullIfEmpty(request.Email),
        Details = request.Over(new CustomerDetails
        {
            InvoicePrefix = id[^PrefixLength..].ToUpperInvariant(),
            DefaultSource = defaultSource,
            DefaultPaymentMethod = defaultMethod,
            TestClock = Text.NullIfEmpty(request.TestClock),
        }),
        Metadata = Core.Metadata.Merge(new Dictionary<string, string>(), request.Metadata),
        Deleted = false,
        CreatedAt = clock.GetUtcNow(),
    };
}
