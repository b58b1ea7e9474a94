using System.Diagnostics;
using MediatR;
using Microsoft.Extensions.Logging;

namespace PaymentSim.Core.Pipeline;

/// <summary>One line per use case: its name, how it ended, how long it took. Never its content: requests hold card numbers.</summary>
internal sealed partial class LoggingBehavior<TRequest, TResponse>(ILogger<LoggingBehavior<TRequest, TResponse>> logger)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var response = await next();
            if (logger.IsEnabled(LogLevel.Debug))
                LogDone(typeof(TRequest).Name, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            return response;
        }
        catch (ProblemException refused)
        {
            LogRefused(typeof(TRequest).Name, refused.Problem.Kind, refused.Problem.Message);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request} done in {Milliseconds:0.0} ms")]
    private partial void LogDone(string request, double milliseconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Request} refused ({Kind}): {Reason}")]
    private partial void LogRefused(string request, ProblemKind kind, string reason);
}
