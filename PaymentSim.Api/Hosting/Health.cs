using MediatR;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PaymentSim.Core;
using PaymentSim.Core.Storage;

namespace PaymentSim.Api.Hosting;

/// <summary>/health/live: the process answers. /health/ready: it can also write its database; 503 and the reason where it cannot.</summary>
internal static class Health
{
    private const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<StorageCheck>("storage", tags: [Ready]);

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", Options(_ => false));
        app.MapHealthChecks("/health/ready", Options(check => check.Tags.Contains(Ready)));
    }

    private static HealthCheckOptions Options(Func<HealthCheckRegistration, bool> which) => new()
    {
        Predicate = which,
        ResponseWriter = (http, report) => http.Response.WriteAsJsonAsync(new
        {
            status = report.Status == HealthStatus.Healthy ? "ok" : "unavailable",
            reasons = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                .ToDictionary(entry => entry.Key, entry => entry.Value.Description),
        }),
    };

    private sealed class StorageCheck(IMediator mediator) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await mediator.Send(new CheckStorage(), cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (ProblemException failure)
            {
                return HealthCheckResult.Unhealthy(failure.Message);
            }
        }
    }
}
