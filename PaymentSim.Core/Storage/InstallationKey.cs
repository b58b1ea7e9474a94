using Dapper;

namespace PaymentSim.Core.Storage;

/// <summary>
/// The installation's key: from the settings, else from its file, else made at the first start. The database remembers by what to recognise it, so that
/// a node with another key is refused instead of sealing what the others cannot open.
/// </summary>
internal static class InstallationKey
{
    /// <exception cref="StorageException">The database was made with another key.</exception>
    /// <exception cref="InvalidDataException">The key's file does not hold one.</exception>
    public static SecretBox Open(Database database, StorageOptions options, TimeProvider clock)
    {
        if (options.SecretKey is { } given) return Verified(new SecretBox(given), "PaymentSim:SecretKey is not the key", database, clock);

        var isNew = !File.Exists(options.KeyFile);
        if (isNew && database.Read(connection => connection.QueryFirstOrDefault<string>("SELECT key_check FROM installation")) is not null)
            throw Refused($"There is no {options.KeyFile}, and a new key would not be the one");

        Directory.CreateDirectory(options.DataDirectory);
        var secrets = SecretBox.FromFile(options.KeyFile);
        try
        {
            return Verified(secrets, $"{options.KeyFile} is not the key", database, clock);
        }
        catch (StorageException) when (isNew)
        {
            // Another node was faster with a key of its own; this one has sealed nothing.
            File.Delete(options.KeyFile);
            throw;
        }
    }

    private static SecretBox Verified(SecretBox secrets, string otherwise, Database database, TimeProvider clock)
    {
        var row = new { check = secrets.Check, now = clock.GetUtcNow() };
        var known = database.Write(connection =>
        {
            connection.Execute("INSERT INTO installation (id, key_check, created_at) VALUES (1, @check, @now) ON CONFLICT (id) DO NOTHING", row);
            return connection.QueryFirst<string>("SELECT key_check FROM installation");
        });
        return known == row.check ? secrets : throw Refused(otherwise);
    }

    private static StorageException Refused(string reason) => new(
        $"{reason} that this database was made with, without which its webhook secrets cannot be read. "
        + "Bring that installation's paymentsim.key here, or give every node the same PaymentSim:SecretKey.");
}
