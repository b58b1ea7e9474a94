namespace PaymentSim.Tests.Support;

/// <summary>One simulator for the tests of a class, on each engine; each test takes a merchant of its own from it.</summary>
public class SimulatorFixture : IAsyncLifetime
{
    private readonly Dictionary<Engine, Simulator> _simulators = [];

    /// <summary>What is different from other tests' simulators.</summary>
    protected virtual string[] Settings => [];

    /// <summary>The one on the running test's engine.</summary>
    public Simulator Simulator => _simulators[Engines.Current];

    public async Task InitializeAsync()
    {
        foreach (var engine in Enum.GetValues<Engine>().Where(engine => Engines.Missing(engine) is null)) _simulators[engine] = await StartAsync(engine);

        Task<Simulator> StartAsync(Engine engine)
        {
            Engines.Current = engine;
            return Simulator.StartAsync(Settings);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var simulator in _simulators.Values) await simulator.DisposeAsync();
    }
}

/// <summary>
/// One simulator on each engine for all classes that run at the time: for tests that look at nothing but what their own merchants have, change nothing that
/// is the whole simulator's, and leave its workers to the others.
/// </summary>
public sealed class SharedSimulatorFixture : IAsyncLifetime
{
    private static readonly SemaphoreSlim Turn = new(1);
    private static SimulatorFixture? _shared;
    private static int _users;

    /// <summary>The one on the running test's engine.</summary>
    public Simulator Simulator => _shared!.Simulator;

    public async Task InitializeAsync()
    {
        await Turn.WaitAsync();
        try
        {
            if (_shared is null)
            {
                var started = new SimulatorFixture();
                await started.InitializeAsync();
                _shared = started;
            }

            _users++;
        }
        finally
        {
            Turn.Release();
        }
    }

    public async Task DisposeAsync()
    {
        await Turn.WaitAsync();
        try
        {
            if (--_users > 0) return;
            await _shared!.DisposeAsync();
            _shared = null;
        }
        finally
        {
            Turn.Release();
        }
    }
}
