using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>A session's lock on a piece of work: it ends with the connection, so that no turn outlives the node that has it.</summary>
internal sealed class PostgresTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly string _work;

    private PostgresTurn(NpgsqlConnection connection, string work) => (_connection, _work) = (connection, work);

    /// <returns>Null: another session has it.</returns>
    public static async Task<PostgresTurn?> TryTakeAsync(NpgsqlDataSource source, string work, CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        var taken = false;
        try
        {
            taken = await AskAsync(connection, "SELECT pg_try_advisory_lock(hashtextextended('turn/' || @work, 0))", work);
            return taken ? new PostgresTurn(connection, work) : null;
        }
        finally
        {
            if (!taken) await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AskAsync(_connection, "SELECT pg_advisory_unlock(hashtextextended('turn/' || @work, 0))", _work);
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // The session is gone, and its lock with it.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, string work)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new NpgsqlParameter<string>("work", work) } };
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
