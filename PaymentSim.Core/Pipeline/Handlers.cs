using System.Reflection;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace PaymentSim.Core.Pipeline;

/// <summary>Registers MediatR 5.1, which has no AddMediatR of its own: an upgrade changes this file alone.</summary>
internal static class Handlers
{
    public static void AddHandlers(this IServiceCollection services, Assembly assembly)
    {
        services.AddScoped<ServiceFactory>(provider => provider.GetService!);
        services.AddScoped<IMediator, Mediator>();

        foreach (var type in assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }))
        {
            foreach (var contract in type.GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))
                services.AddTransient(contract, type);
        }
    }
}
