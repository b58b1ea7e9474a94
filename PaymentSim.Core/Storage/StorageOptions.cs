namespace PaymentSim.Core.Storage;

/// <summary>Where and how the simulator keeps its data.</summary>
/// <param name="DataDirectory">The folder of the database file and of the installation's key; made if it is not there.</param>
public sealed record StorageOptions(string DataDirectory)
{
    public string DatabaseFile => Path.Combine(DataDirectory, "paymentsim.db");

    public string KeyFile => Path.Combine(DataDirectory, "paymentsim.key");
}

/// <summary>The database cannot be opened or written: a sentence for the person who runs the simulator.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
