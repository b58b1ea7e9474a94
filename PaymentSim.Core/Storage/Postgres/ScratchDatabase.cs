using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>A new database on a server, dropped with whatever is in it when it is disposed. For measurements.</summary>
public sealed class ScratchDatabase : IAsyncDisposable
{
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly string _name;

    private ScratchDatabase(NpgsqlConnectionStringBuilder server, string name)
    {
        (_server, _name) = (server, name);
        ConnectionString = new NpgsqlConnectionStringBuilder(server.ToString()) { Database = name }.ToString();
    }

    public string ConnectionString { get; }

    /// <param name="server">The connection string of a user who may create databases.</param>
    /// <param name="name">Lower case letters, digits and underscores.</param>
    /// <exception cref="StorageException">It cannot be made; the message does not repeat the connection string, for it may hold a password.</exception>
    public static async Task<ScratchDatabase> CreateAsync(string server, string name, CancellationToken cancellationToken)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(server);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or NotSupportedException)
        {
            throw new StorageException("That is no connection string of PostgreSQL. It looks like this: Host=localhost;Database=postgres;Username=…;Password=…");
        }

        var database = new ScratchDatabase(settings, name);
        try
        {
            await database.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'", cancellationToken);
            return database;
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or TimeoutException)
        {
            throw new StorageException($"A database for the measurement could not be made: {PostgresFailures.Reason(failure)}", failure);
        }
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", CancellationToken.None);

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server.ToString()) { Pooling = false }.ToString());
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
