using System.Reflection;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core.Balance;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Disputes;
using PaymentSim.Core.Events;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Payouts;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Refunds;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.SetupIntents;
using PaymentSim.Core.Storage;
using PaymentSim.Core.Storage.Postgres;
using PaymentSim.Core.Storage.Sqlite;
using PaymentSim.Core.TimeTravel;
using PaymentSim.Core.Tokens;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core;

/// <summary>Everything that the simulator can be told; each setting's meaning stands at its type.</summary>
public sealed record PaymentSimOptions(
    StorageOptions Storage,
    ApiVersionOptions ApiVersion,
    SimulationOptions Simulation,
    SettlementOptions Settlement,
    WebhookOptions Webhooks,
    LaneOptions Lanes,
    int? Seed);

/// <summary>The table of contents of Core. The host adds logging and an <see cref="IJobScheduler"/>, and may know better where webhooks may go (<see cref="NetworkPolicy"/>).</summary>
public static class PaymentSimCore
{
    public static IServiceCollection AddPaymentSimCore(this IServiceCollection services, PaymentSimOptions options)
    {
        services.AddSingleton(options.Storage).AddSingleton(options.ApiVersion).AddSingleton(options.Simulation)
            .AddSingleton(options.Settlement).AddSingleton(options.Webhooks);
        services.AddSingleton(new SimulatorClock(TimeProvider.System)).AddSingleton<TimeProvider>(provider => provider.GetRequiredService<SimulatorClock>());
        services.AddSingleton(new Randomness(options.Seed)).AddSingleton<Ids>();

        // Storage. The database comes first: it knows which key it was made with.
        if (options.Storage.Postgres is null) services.AddSingleton<Database>(OpenSqlite);
        else services.AddSingleton<Database, PostgresDatabase>();
        services.AddSingleton(provider => InstallationKey.Open(
            provider.GetRequiredService<Database>(), options.Storage, provider.GetRequiredService<TimeProvider>()));

        // Pipeline, from the outside in.
        services.AddScoped<RequestContext>().AddTransient<IdempotencyRecords>().AddSingleton<KeysInUse>();
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(LoggingBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(WebhookUrlBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(SimulationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(FingerprintBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(TransactionBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(IdempotencyBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(LongIdempotencyBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ExpansionBehavior<,>));
        services.AddValidatorsFromAssembly(Assembly.GetExecutingAssembly(), ServiceLifetime.Singleton, includeInternalTypes: true);
        services.AddHandlers(Assembly.GetExecutingAssembly());

        // Features.
        services.AddSingleton<MerchantStore>().AddSingleton<KnownKeys>().AddSingleton<AccountStore>().AddSingleton<MerchantData>();
        services.AddSingleton<ChargeStore>().AddSingleton<CardReader>().AddSingleton<BankAccountReader>().AddSingleton<SourceResolver>().AddSingleton<ChargeObjects>()
            .AddTransient<ChargeEvents>().AddTransient<ChargeMaker>().AddTransient<ChargeCapture>().AddTransient<BankAnswer>()
            .AddSingleton<ChargeSettlement>().AddSingleton<IDueWork>(provider => provider.GetRequiredService<ChargeSettlement>());
        services.AddSingleton<RefundStore>().AddTransient<RefundEvents>().AddTransient<RefundMaker>().AddTransient<RefundReturn>()
            .AddSingleton<RefundSettlement>().AddSingleton<IDueWork>(provider => provider.GetRequiredService<RefundSettlement>());
        services.AddSingleton<DisputeStore>().AddTransient<DisputeEvents>().AddTransient<DisputeMaker>().AddTransient<DisputeEnd>()
            .AddSingleton<DisputeDecisions>().AddSingleton<IDueWork>(provider => provider.GetRequiredService<DisputeDecisions>());
        services.AddSingleton<PayoutStore>().AddTransient<PayoutEvents>()
            .AddSingleton<PayoutArrival>().AddSingleton<IDueWork>(provider => provider.GetRequiredService<PayoutArrival>());
        services.AddSingleton<BalanceStore>().AddSingleton<Ledger>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<PaymentMethodStore>().AddTransient<PaymentMethodIntake>();
        services.AddSingleton<CustomerStore>().AddTransient<CustomerChanges>();
        services.AddSingleton<PaymentIntentStore>().AddTransient<PaymentIntentChanges>().AddTransient<PaymentIntentMaker>().AddTransient<PaymentIntentAttempts>()
            .AddTransient<PaymentMethodChoice>().AddTransient<CustomerCards>().AddTransient<PaymentIntentSettlement>();
        services.AddSingleton<CheckoutStore>().AddTransient<CheckoutEnd>().AddTransient<CheckoutExpiry>()
            .AddSingleton<OverdueSessions>().AddSingleton<IDueWork>(provider => provider.GetRequiredService<OverdueSessions>());
        services.AddSingleton<SetupIntentStore>().AddTransient<SetupIntentChanges>().AddTransient<SetupIntentAttempts>();
        services.AddSingleton<Expander>().AddSingleton<IExpansion, ChargeExpansion>().AddSingleton<IExpansion, CustomerExpansion>().AddSingleton<IExpansion, AccountExpansion>()
            .AddSingleton<IExpansion, PaymentMethodExpansion>().AddSingleton<IExpansion, SourceExpansion>().AddSingleton<IExpansion, SourceListExpansion>()
            .AddSingleton<IExpansion, PaymentIntentExpansion>().AddSingleton<IExpansion, SetupIntentExpansion>()
            .AddSingleton<IExpansion, BalanceTransactionExpansion>().AddSingleton<IExpansion, RefundExpansion>().AddSingleton<IExpansion, DisputeExpansion>()
            .AddSingleton<IExpansion, PayoutExpansion>().AddSingleton<IExpansion, CheckoutExpansion>();
        services.AddSingleton<EventStore>().AddTransient<EventLog>();
        services.AddSingleton<WebhookEndpointStore>().AddSingleton(new NetworkPolicy(
            options.Webhooks.AllowedHosts, _ => ValueTask.FromResult(options.Webhooks.AllowPrivateNetworks == true)));
        services.AddSingleton<DeliveryStore>().AddSingleton<DeliveryOrder>().AddSingleton<DeliveryClaim>().AddSingleton<DeliveryRecord>().AddSingleton<WebhookSender>()
            .AddSingleton<FaultStore>().AddSingleton<FaultPlayer>()
            .AddSingleton(options.Lanes).AddSingleton<EndpointLanes>();
        // What becomes of an endpoint is no request's doing: these events are recorded in no request's name.
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EndpointHealth>(
            provider, ActivatorUtilities.CreateInstance<EventLog>(provider, ActivatorUtilities.CreateInstance<FanOutEvent>(provider), new RequestContext())));
        services.AddSingleton<BatchStore>().AddSingleton<BatchClaim>().AddSingleton<AttemptPruning>();
        services.AddSingleton<DeliveryReplay>().AddSingleton<DueDeliveries>();
        services.AddTransient<IEventSubscriber, FanOutEvent>();
        services.AddSingleton<DueWork>().AddSingleton<TimeMachine>();
        return services;
    }

    /// <summary>With the clock as it was: nobody gets the data and another time than the one that goes with it.</summary>
    private static SqliteDatabase OpenSqlite(IServiceProvider services)
    {
        var database = ActivatorUtilities.CreateInstance<SqliteDatabase>(services);
        ClockStore.Restore(services.GetRequiredService<SimulatorClock>(), database);
        return database;
    }

    /// <summary>Opens the database, which else happens when it is first used.</summary>
    /// <exception cref="StorageException">It cannot be opened: the message says why.</exception>
    /// <exception cref="InvalidDataException">The installation's key is not one.</exception>
    public static void OpenStorage(this IServiceProvider services) => services.GetRequiredService<SecretBox>();
}
