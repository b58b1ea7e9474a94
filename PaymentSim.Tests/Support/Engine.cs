namespace PaymentSim.Tests.Support;

/// <summary>What stands behind <c>PaymentSim:Storage</c>.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}

/// <summary>On which engine the hosts of the running test are made.</summary>
public static class Engines
{
    private static readonly AsyncLocal<Engine> Running = new();

    /// <summary>SQLite, unless an <see cref="EngineFactAttribute"/> says otherwise.</summary>
    public static Engine Current
    {
        get => Running.Value;
        set => Running.Value = value;
    }

    /// <summary>Why a test cannot run on an engine here; null: it can.</summary>
    public static string? Missing(Engine engine) => engine == Engine.Postgres ? PostgresServer.Missing : null;

    /// <summary>The settings that put a host's data where a folder is, or into the database that goes with it.</summary>
    public static string[] Settings(TempFolder folder) => Current == Engine.Sqlite
        ? [$"--PaymentSim:DataDirectory={folder.Path}"]
        : [$"--PaymentSim:DataDirectory={folder.Path}", "--PaymentSim:Storage=postgres", $"--ConnectionStrings:PaymentSim={folder.Postgres}"];
}
