using MediatR;

namespace PaymentSim.Core.Pipeline;

/// <summary>How the simulated processor behaves as a server.</summary>
/// <param name="Latency">Added to every command before it takes any lock or transaction.</param>
public sealed record SimulationOptions(TimeSpan Latency);

/// <summary>Plays a slow or failing processor, before any lock or transaction is taken.</summary>
internal sealed class SimulationBehavior<TRequest, TResponse>(SimulationOptions options, TimeProvider clock)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : ICommand<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (options.Latency > TimeSpan.Zero) await Task.Delay(options.Latency, clock, cancellationToken);
        if (request is IMayFault { Fault: { } fault }) throw new ProblemException(fault);
        return await next();
    }
}
