using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Hosting;

/// <summary>Whose API keys are accepted: what the settings say, else what the addresses that the server is bound to allow.</summary>
internal sealed class AccessPolicy(Settings settings, IServer server, IHostApplicationLifetime lifetime)
{
    private Access? _decided;

    /// <summary>Known once the server has started. The environment's name plays no part: only who can reach the server does.</summary>
    public Access Current => _decided ??= settings.Access ?? Decide(server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []);

    /// <summary>The same for what can run before the server has started: then it waits for that.</summary>
    public async ValueTask<Access> WhenKnownAsync(CancellationToken cancellationToken)
    {
        if (_decided is null && settings.Access is null && !lifetime.ApplicationStarted.IsCancellationRequested)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(cancellationToken);
        }

        return Current;
    }

    /// <summary>Sandbox when there are addresses and all of them are loopback.</summary>
    internal static Access Decide(ICollection<string> addresses) =>
        addresses.Count > 0 && addresses.All(IsLoopback) ? Access.Sandbox : Access.Keys;

    private static bool IsLoopback(string address)
    {
        var binding = BindingAddress.Parse(address);
        return binding.IsUnixPipe
            || binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(binding.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
