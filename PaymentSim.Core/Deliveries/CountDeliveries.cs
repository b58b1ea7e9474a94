using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Deliveries;

/// <summary>How many deliveries of all merchants a person's search would find.</summary>
public sealed record CountDeliveries(DeliveryFilter Filter) : IQuery<DeliveryCount>;

/// <param name="Count">How many were found.</param>
/// <param name="IsAtLeast">True where the counting stopped before the end.</param>
public sealed record DeliveryCount(long Count, bool IsAtLeast);

internal sealed class CountDeliveriesHandler(Database database) : IRequestHandler<CountDeliveries, DeliveryCount>
{
    private const int Rows = 200_000;

    public async Task<DeliveryCount> Handle(CountDeliveries request, CancellationToken cancellationToken)
    {
        var search = await DeliverySearch.OfAsync(database, request.Filter);
        var last = await search.StopAfterAsync(Rows);
        var count = await database.FirstOrDefaultAsync<long>($"SELECT COUNT(*) FROM {search.Source} WHERE {search.Where}", search.Args);
        return new DeliveryCount(count, last is not null);
    }
}
