using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>Changes what a connected account says of itself.</summary>
public sealed record UpdateAccount(string Id) : AccountParameters, ICommand<AccountObject>;

internal sealed class UpdateAccountValidator : AccountParametersValidator<UpdateAccount>;

internal sealed class UpdateAccountHandler(RequestContext context, AccountStore accounts) : IRequestHandler<UpdateAccount, AccountObject>
{
    public async Task<AccountObject> Handle(UpdateAccount request, CancellationToken cancellationToken)
    {
        var before = await accounts.FindToChangeAsync(context.MerchantId, request.Id) ?? throw AccountStore.NoAccess(request.Id);
        var after = before with { Details = request.Over(before.Details), Metadata = Metadata.Merge(before.Metadata, request.Metadata) };
        await accounts.UpdateAsync(after);
        return AccountObject.Of(after);
    }
}
