using System.Data;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>Work on the schema: one node after the other, also when several start together.</summary>
internal static class PostgresSetup
{
    private const string Turn = "SELECT pg_advisory_lock(hashtextextended('setup', 0))";

    private const string TurnsEnd = "SELECT pg_advisory_unlock(hashtextextended('setup', 0))";

    /// <param name="connections">Where.</param>
    /// <param name="work">What to do on a connection of its own. It must leave the schema alone where that is as it should be.</param>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public static void Run(PostgresConnections connections, Action<NpgsqlConnection> work)
    {
        try
        {
            using var connection = connections.ForSetup().OpenConnection();
            Run(connection, Turn);
            try
            {
                work(connection);
            }
            finally
            {
                // Where the connection is lost, the lock has ended with it.
                if (connection.State == ConnectionState.Open) Run(connection, TurnsEnd);
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            throw new StorageException($"{char.ToUpperInvariant(connections.Name[0])}{connections.Name[1..]} cannot be opened: {PostgresFailures.Reason(failure)}", failure);
        }
    }

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
