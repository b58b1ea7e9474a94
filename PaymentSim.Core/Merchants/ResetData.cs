using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Merchants;

/// <summary>Forgets everything that the merchant and its connected accounts have, but for the merchant's keys: a sandbox as new.</summary>
public sealed record ResetData : IRequest<ResetResult>;

/// <summary>What was forgotten.</summary>
/// <param name="Rows">How many rows of the database that were.</param>
public sealed record ResetResult(long Rows)
{
    public string Object { get; init; } = "test_helpers.data";

    public bool Deleted { get; init; } = true;
}

/// <summary>A unit for each batch, so that other merchants' requests are not held up meanwhile; what is interrupted goes on where it was when it is asked for again.</summary>
internal sealed class ResetDataHandler(RequestContext context, AccountStore accounts, MerchantData data, Database database)
    : IRequestHandler<ResetData, ResetResult>
{
    public async Task<ResetResult> Handle(ResetData request, CancellationToken cancellationToken)
    {
        var rows = 0L;
        foreach (var merchant in (await accounts.ListIdsAsync(context.MerchantId)).Append(context.MerchantId))
        {
            int batch;
            do rows += batch = await database.WriteAsync(() => data.DeleteSomeAsync(merchant), cancellationToken);
            while (batch > 0);
        }

        return new ResetResult(rows);
    }
}
