namespace PaymentSim.Core.Storage;

/// <summary>Where and how the simulator keeps its data.</summary>
/// <param name="DataDirectory">The folder of the database file and of the installation's key; made if it is not there.</param>
public sealed record StorageOptions(string DataDirectory)
{
    /// <summary>The connection string of the PostgreSQL database that takes the place of the file; null: the file.</summary>
    public string? Postgres { get; init; }

    /// <summary>The installation's key, <see cref="SecretBox.KeySize"/> bytes; null: the one in the data directory.</summary>
    public byte[]? SecretKey { get; init; }

    public string DatabaseFile => Path.Combine(DataDirectory, "paymentsim.db");

    public string KeyFile => Path.Combine(DataDirectory, "paymentsim.key");

    /// <summary>Without the connection string and the key: both are secret.</summary>
    public override string ToString() => Postgres is null ? DatabaseFile : $"PostgreSQL, {DataDirectory}";
}

/// <summary>The database cannot be opened or written: a sentence for the person who runs the simulator.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
