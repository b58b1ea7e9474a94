using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaymentSim.Tests.Support;

/// <summary>A test that runs once on each <see cref="Engine"/>; where this machine has no PostgreSQL, that run is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaymentSim.Tests.Support.EngineFactDiscoverer", "PaymentSim.Tests")]
public sealed class EngineFactAttribute : FactAttribute;

/// <summary><see cref="EngineFactAttribute"/> with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaymentSim.Tests.Support.EngineTheoryDiscoverer", "PaymentSim.Tests")]
public sealed class EngineTheoryAttribute : TheoryAttribute;

/// <summary>A test of PostgreSQL alone.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaymentSim.Tests.Support.PostgresFactDiscoverer", "PaymentSim.Tests")]
public sealed class PostgresFactAttribute : FactAttribute;

/// <summary>Found by its name, in <see cref="PostgresFactAttribute"/>.</summary>
public sealed class PostgresFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo fact) =>
        [new EngineTestCase(Engine.Postgres, diagnostics, options, method)];
}

/// <summary>Found by its name, in <see cref="EngineFactAttribute"/>.</summary>
public sealed class EngineFactDiscoverer(IMessageSink diagnostics) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo fact) =>
        Enum.GetValues<Engine>().Select(engine => new EngineTestCase(engine, diagnostics, options, method));
}

/// <summary>Found by its name, in <see cref="EngineTheoryAttribute"/>.</summary>
public sealed class EngineTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo theory, object[] row) =>
        Enum.GetValues<Engine>().Select(engine => new EngineTestCase(engine, DiagnosticMessageSink, options, method, row));

    protected override IEnumerable<IXunitTestCase> CreateTestCasesForTheory(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo theory) =>
        Enum.GetValues<Engine>().Select(engine => new EngineTheoryTestCase(engine, DiagnosticMessageSink, options, method));
}

/// <summary>One run of a test, on one engine.</summary>
public sealed class EngineTestCase : XunitTestCase
{
    private Engine _engine;

    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For xunit, which reads test cases back.")]
    public EngineTestCase()
    {
    }

    public EngineTestCase(Engine engine, IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method, object[]? row = null)
        : base(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, row) => SetEngine(engine);

    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        SkipReason ??= Engines.Missing(_engine);
        return EngineRun.OnAsync(_engine, messageBus, bus => base.RunAsync(diagnosticMessageSink, bus, constructorArguments, aggregator, cancellationTokenSource));
    }

    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(Engine), _engine);
    }

    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        SetEngine(data.GetValue<Engine>(nameof(Engine)));
    }

    protected override string GetUniqueID() => $"{base.GetUniqueID()}/{_engine}";

    private void SetEngine(Engine engine)
    {
        _engine = engine;
        DisplayName += $" [{engine}]";
    }
}

/// <summary>One run of a theory whose rows xunit cannot write down, on one engine.</summary>
public sealed class EngineTheoryTestCase : XunitTheoryTestCase
{
    private Engine _engine;

    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For xunit, which reads test cases back.")]
    public EngineTheoryTestCase()
    {
    }

    public EngineTheoryTestCase(Engine engine, IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method)
        : base(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method) => SetEngine(engine);

    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellationTokenSource)
    {
        SkipReason ??= Engines.Missing(_engine);
        return EngineRun.OnAsync(_engine, messageBus, bus => base.RunAsync(diagnosticMessageSink, bus, constructorArguments, aggregator, cancellationTokenSource));
    }

    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        data.AddValue(nameof(Engine), _engine);
    }

    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        SetEngine(data.GetValue<Engine>(nameof(Engine)));
    }

    protected override string GetUniqueID() => $"{base.GetUniqueID()}/{_engine}";

    private void SetEngine(Engine engine)
    {
        _engine = engine;
        DisplayName += $" [{engine}]";
    }
}

internal static class EngineRun
{
    /// <summary>Lets the test see its engine, and takes its <see cref="Skip"/> for what it is.</summary>
    public static async Task<RunSummary> OnAsync(Engine engine, IMessageBus messageBus, Func<IMessageBus, Task<RunSummary>> run)
    {
        Engines.Current = engine;
        // Not disposed of: that would dispose of the other one too.
        var bus = new SkippableTestMessageBus(messageBus, [typeof(Xunit.SkipException).FullName!]);
        var summary = await run(bus);
        summary.Failed -= bus.SkippedCount;
        summary.Skipped += bus.SkippedCount;
        return summary;
    }
}
