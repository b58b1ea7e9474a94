namespace PaymentSim.Tests.Support;

/// <summary>A folder of a test's own, deleted with all that is in it when the test is over, and with the database that goes with it.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly Lazy<string> _postgres;

    public TempFolder() => _postgres = new Lazy<string>(() => PostgresServer.Instance.Take());

    public string Path { get; } = Directory.CreateTempSubdirectory("paymentsim-test-").FullName;

    /// <summary>The connection string of the PostgreSQL database that goes with it, taken when it is first asked for.</summary>
    public string Postgres => _postgres.Value;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        if (_postgres.IsValueCreated) PostgresServer.Instance.GiveBack(Postgres);
    }
}
