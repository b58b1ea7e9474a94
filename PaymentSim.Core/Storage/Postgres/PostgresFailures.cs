using System.Data;
using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace PaymentSim.Core.Storage.Postgres;

/// <summary>What an error of PostgreSQL, or of the way to it, means for the unit that met it.</summary>
internal static class PostgresFailures
{
    /// <summary>idle_in_transaction_session_timeout, for which the driver has no name.</summary>
    private const string SessionStoodStill = "25P03";

    /// <summary>The server undid the transaction for the sake of others, or something was not as the unit expected; run again, it may well succeed.</summary>
    public static bool IsConflict(Exception failure) => failure is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.DivisionByZero,
    };

    /// <summary>The connection is gone, and what was not committed with it.</summary>
    public static bool IsLostConnection(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or SessionStoodStill } => true,
        PostgresException => false,
        NpgsqlException { InnerException: IOException or SocketException } => true,
        _ => false,
    };

    /// <summary>A connection that dies in the middle of its use can make the driver fail by a null reference of its own, or say that nothing is open.</summary>
    public static bool HidesLostConnection(Exception failure, DbConnection connection) =>
        failure is NullReferenceException or InvalidOperationException && connection.State != ConnectionState.Open;

    public static NpgsqlException LostConnection(Exception failure) => new("The connection to the database was lost", new IOException(failure.Message, failure));

    /// <summary>Nothing is wrong with the request: the database cannot be used now.</summary>
    public static bool IsUnavailable(Exception failure) => failure switch
    {
        // Fatal is what ends a session or does not let it begin. Classes of SQLSTATE: connection, resources, operator intervention; then single
        // ones: a server that has become read-only, and a lock that was not to be had.
        PostgresException { SqlState: var state, InvariantSeverity: var severity } => severity is "FATAL" or "PANIC"
            || state[..2] is "08" or "53" or "57"
            || state is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable
            || IsConflict(failure),
        // A driver that waits for the server to answer a connection's first words gives up with the latter.
        NpgsqlException or TimeoutException => true,
        _ => false,
    };

    /// <summary>The one error that a value can cause which SQLite takes: faces that let it through would have it answered as a failure of ours.</summary>
    public static bool IsUnstorableText(Exception failure) => failure is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire };

    /// <summary>What a server says to COMMIT while it stays up, it knows; anything else may have come after the commit.</summary>
    public static bool IsCertainlyNotCommitted(Exception failure) =>
        failure is PostgresException { SqlState: var state } && state[..2] is not ("08" or "57");

    public static ProblemException Unavailable(Exception failure) => new(
        new Problem(ProblemKind.Unavailable, null, $"The database cannot be used right now, and nothing was changed: {Reason(failure)} Try again later."),
        failure);

    public static ProblemException UnknownOutcome(Exception failure) => new(
        new Problem(
            ProblemKind.Unavailable,
            null,
            $"The connection to the database was lost while it committed, so it is not known whether this request took effect: {Reason(failure)} "
            + "Send it again with the same Idempotency-Key: it takes effect once."),
        failure);

    public static ProblemException Unstorable(Exception failure) =>
        new(Problem.Invalid("A text of this request holds a character that cannot be stored: U+0000."), failure);

    /// <summary>One sentence. Neither the driver's nor the server's messages hold passwords.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => "another request holds what this one needs.",
        PostgresException server => Sentence(server.MessageText),
        NpgsqlException { InnerException: SocketException network } => Sentence($"{failure.Message} ({network.Message})"),
        _ => Sentence(failure.Message),
    };

    private static string Sentence(string text) => text.TrimEnd('.', ' ') + ".";
}
