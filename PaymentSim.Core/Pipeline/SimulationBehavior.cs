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
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        return options.Latency > TimeSpan.Zero ? LateAsync() : AnswerAsync();

        async Task<TResponse> LateAsync()
        {
            await Task.Delay(options.Latency, clock, cancellationToken);
            return await AnswerAsync();
        }

        Task<TResponse> AnswerAsync() => request is IMayFault { Fault: { } fault } ? throw new ProblemException(fault) : next();
    }
}
