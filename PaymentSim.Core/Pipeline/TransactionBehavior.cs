using MediatR;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.Pipeline;

/// <summary>Runs a command's handler as one write unit: all of it is committed, or nothing.</summary>
internal sealed class TransactionBehavior<TRequest, TResponse>(Database database) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        database.WriteAsync(() => next(), cancellationToken);
}
