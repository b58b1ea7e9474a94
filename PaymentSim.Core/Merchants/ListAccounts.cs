using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>The merchant's connected accounts, newest first.</summary>
public sealed record ListAccounts : PageRequest, IQuery<Page<AccountObject>>
{
    public TimeRange? Created { get; init; }
}

internal sealed class ListAccountsValidator : PageRequestValidator<ListAccounts>;

internal sealed class ListAccountsHandler(RequestContext context, AccountStore accounts) : IRequestHandler<ListAccounts, Page<AccountObject>>
{
    public async Task<Page<AccountObject>> Handle(ListAccounts request, CancellationToken cancellationToken) =>
        (await accounts.ListAsync(context.MerchantId, request)).Select(AccountObject.Of);
}
