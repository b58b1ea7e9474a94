using FluentValidation;
using MediatR;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Events;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Customers;

/// <summary>Changes a card that a customer has saved; parameters that are not given stay, empty strings unset.</summary>
public sealed record UpdateSource(string Customer, string Id) : ICommand<SourceObject>, IExpands
{
    /// <summary>The cardholder's name.</summary>
    public string? Name { get; init; }

    public string? AddressCity { get; init; }

    public string? AddressCountry { get; init; }

    public string? AddressLine1 { get; init; }

    public string? AddressLine2 { get; init; }

    public string? AddressState { get; init; }

    public string? AddressZip { get; init; }

    /// <summary>1 to 12.</summary>
    public long? ExpMonth { get; init; }

    /// <summary>Four digits.</summary>
    public long? ExpYear { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string>? Expand { get; init; }

    internal CardSnapshot Over(CardSnapshot card)
    {
        var address = card.Address ?? new Address();
        return card with
        {
            HolderName = Text.Given(Name, card.HolderName),
            ExpMonth = (int?)ExpMonth ?? card.ExpMonth,
            ExpYear = (int?)ExpYear ?? card.ExpYear,
            Address = address with
            {
                City = Text.Given(AddressCity, address.City),
                Country = Text.Given(AddressCountry, address.Country),
                Line1 = Text.Given(AddressLine1, address.Line1),
                Line2 = Text.Given(AddressLine2, address.Line2),
                State = Text.Given(AddressState, address.State),
                PostalCode = Text.Given(AddressZip, address.PostalCode),
            },
        };
    }
}

internal sealed class UpdateSourceValidator : AbstractValidator<UpdateSource>
{
    public UpdateSourceValidator()
    {
        RuleFor(c => c.ExpMonth).ExpiryMonth();
        RuleFor(c => c.ExpYear).ExpiryYear();
        RuleFor(c => c.Metadata).SetValidator(new MetadataValidator()!);
    }
}

internal sealed class UpdateSourceHandler(RequestContext context, CustomerStore customers, PaymentMethodStore methods, EventLog events)
    : IRequestHandler<UpdateSource, SourceObject>
{
    public async Task<SourceObject> Handle(UpdateSource request, CancellationToken cancellationToken)
    {
        var customer = await customers.GetToChangeAsync(context.MerchantId, request.Customer);
        var before = PaymentMethodIntake.SourceOf(
            customer.Id, await methods.FindToChangeAsync(context.MerchantId, request.Id), request.Id);
        var after = before with
        {
            Metadata = Metadata.Merge(before.Metadata, request.Metadata),
            Details = before.Details with { Card = request.Over(before.Details.Card!) },
        };

        var answer = PaymentMethodObject.SourceOf(after);
        var previous = PreviousAttributes.Between(PaymentMethodObject.SourceOf(before), answer);
        if (previous.Count > 0)
        {
            await methods.SaveAsync(after);
            await events.AppendAsync(after.MerchantId, EventTypes.CustomerSourceUpdated, after.Id, answer, previous);
        }

        return answer;
    }
}
