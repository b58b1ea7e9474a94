using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Merchants;

/// <summary>Gives a connected account up: nobody can act for it any more, and what it has cannot be reached.</summary>
public sealed record DeleteAccount(string Id) : ICommand<DeletedObject>;

internal sealed class DeleteAccountValidator : AbstractValidator<DeleteAccount>
{
    public DeleteAccountValidator() => RuleFor(c => c.Id).NotEmpty();
}

internal sealed class DeleteAccountHandler(RequestContext context, AccountStore accounts) : IRequestHandler<DeleteAccount, DeletedObject>
{
    public async Task<DeletedObject> Handle(DeleteAccount request, CancellationToken cancellationToken) =>
        await accounts.DeleteAsync(context.MerchantId, request.Id) > 0 ? new DeletedObject(request.Id, "account") : throw AccountStore.NoAccess(request.Id);
}
