using System.Data.Common;
using Dapper;

namespace PaymentSim.Core.Storage;

/// <summary>
/// The only way to the data. A write unit (<see cref="WriteAsync{T}"/>) is committed as a whole or not at all; the SQL methods run on
/// the current unit's connection inside one, and on a read-only connection outside. Stores therefore need no connection of their own.
/// </summary>
public abstract class Database
{
    private static readonly AsyncLocal<WriteUnit?> Ambient = new();

    private readonly HashSet<string> _claims = [];

    static Database() => TypeHandlers.Register();

    /// <summary>True where this process owns the data alone, so that what a crash left behind can be recovered at once.</summary>
    public abstract bool HasSingleOwner { get; }

    /// <summary>Where the data is, for people: a folder, or a database and its server. Holds no secret.</summary>
    public abstract string Location { get; }

    /// <summary>
    /// Runs <paramref name="unit"/> as one write unit; inside another unit it joins that one. When the task is done, the unit's
    /// writes are on the disk. A unit may only await its database.
    /// </summary>
    /// <exception cref="ProblemException">The database cannot be written now (kind Unavailable): nothing was written.</exception>
    public async Task<T> WriteAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken = default)
    {
        if (Current is not null) return await unit();

        var done = await CommitAsync(unit, cancellationToken);
        foreach (var action in done.Unit.AfterCommit) action();
        return done.Unit.Refusal is { } refusal ? throw refusal : done.Result;
    }

    public Task WriteAsync(Func<Task> unit, CancellationToken cancellationToken = default) => WriteAsync(
        async () =>
        {
            await unit();
            return true;
        },
        cancellationToken);

    /// <summary>
    /// <see cref="WriteAsync(Func{Task}, CancellationToken)"/> for a caller who asks for another unit next. Where units are committed in the order in which they were asked for
    /// it does not wait: the next unit finds these writes, and once that one is on the disk, they are. Where nobody waits, it
    /// is tried again while the database cannot be written, and another failure is logged.
    /// </summary>
    public virtual Task PostAsync(Func<Task> unit) => WriteAsync(unit);

    /// <summary>
    /// <see cref="WriteAsync{T}"/> for callers behind synchronous interfaces, such as the job storage: blocks the calling thread, and no other,
    /// until the writes are on the disk. Inside another unit it joins that one and does not block.
    /// </summary>
    /// <exception cref="ProblemException">The database cannot be written now (kind Unavailable): nothing was written.</exception>
    internal T Write<T>(Func<DbConnection, T> unit)
    {
        if (Current is { } outer) return unit(outer.Connection);

        var done = Commit(unit);
        foreach (var action in done.Unit.AfterCommit) action();
        return done.Unit.Refusal is { } refusal ? throw refusal : done.Result;
    }

    /// <summary>Reads on the current unit's connection inside one, and on a read-only connection outside.</summary>
    internal T Read<T>(Func<DbConnection, T> read) => Current is { } unit ? read(unit.Connection) : ReadOnly(read);

    /// <summary>Gives some of the space that deleted rows have left back to the disk, where the engine does not do that by itself. Answers how many bytes.</summary>
    internal virtual Task<long> GiveSpaceBackAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    /// <summary>
    /// For work that one process at a time is to do, of all that share the data: holds its turn until it is disposed. Null: another has it now.
    /// </summary>
    /// <exception cref="ProblemException">The database cannot be used now (kind Unavailable).</exception>
    public abstract Task<IAsyncDisposable?> TryTakeTurnAsync(string work, CancellationToken cancellationToken = default);

    /// <summary>Ends a SELECT of what this unit is going to change: other units that would change it wait. Empty where units run one by one.</summary>
    internal abstract string ForUpdate { get; }

    /// <summary>The condition that a column is one of a parameter's values.</summary>
    /// <param name="column">Its name.</param>
    /// <param name="parameter">For example <c>@ids</c>: an array.</param>
    internal abstract string AnyOf(string column, string parameter);

    /// <summary>What every row of a table has, whatever its key: for deleting some of many.</summary>
    internal abstract string RowId { get; }

    /// <summary>The tables of payments that have a column of this name.</summary>
    internal abstract Task<IReadOnlyList<string>> TablesWithAsync(string column);

    /// <summary>An expression for a value inside a column's JSON as text; null where it is not there.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="path">The names on the way to it: plain words.</param>
    internal abstract string JsonText(string column, params string[] path);

    /// <summary>An expression for a member of a column's JSON map of texts; null where it is not there.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="parameter">For example <c>@key</c>: the member's name, of any characters.</param>
    internal abstract string JsonMember(string column, string parameter);

    /// <summary>
    /// An expression for a text that needs more room than any payment, and all of it written anew each time: less may still fit where a payment does not. Empty
    /// where a small write says enough.
    /// </summary>
    internal virtual string Ballast => "''";

    /// <summary>
    /// Inside a unit, for what has no row yet that could be locked: another unit that names the same waits here until this one has ended, and
    /// sees what it wrote. Costs nothing where units run one by one.
    /// </summary>
    internal abstract Task LockAsync(string owner, string name);

    /// <summary>
    /// Inside a unit, for one who acts on what he remembers: the unit is run again from its beginning if this does not hold. Where one owner has the data
    /// he knows what he did to it, and it costs nothing.
    /// </summary>
    internal abstract Task ExpectAsync(string condition, object args);

    /// <summary>For a part that keeps in memory what the database holds: a second one over the same database would not see the first one's writes.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    internal void Claim(string part)
    {
        lock (_claims)
        {
            if (!_claims.Add(part)) throw new InvalidOperationException($"This database has its {part} already: share that one.");
        }
    }

    /// <summary>The unit that the caller is in, to tell one from another; null outside.</summary>
    internal object? AmbientUnit => Current;

    /// <summary>
    /// Inside a unit: does <paramref name="action"/> once the unit has ended, with whether it is on the disk; where it is not, the last to ask is told first, so
    /// that each finds what it left. A part that is undone alone (<see cref="NestedAsync{T}"/>) ends there. It may run on the writer's
    /// thread: it must be short, and must not use the database.
    /// </summary>
    public void AtEnd(Action<bool> action) => Required.AtEnd.Add(action);

    /// <summary>
    /// Inside a unit: leaves something to be written for all units that are committed together, as the last thing of their transaction; what a unit
    /// leaves is forgotten if that one is rolled back. False where units are not committed together: then nothing is left.
    /// </summary>
    public virtual bool TryGather(Gathering gathering, string item) => false;

    /// <summary>Inside a unit: runs <paramref name="part"/> so that its writes alone are undone if it throws.</summary>
    internal async Task<T> NestedAsync<T>(Func<Task<T>> part)
    {
        var unit = Required;
        await SendAsync("SAVEPOINT part");
        var (promised, gathered, ends) = (unit.AfterCommit.Count, unit.Gathered.Count, unit.AtEnd.Count);
        try
        {
            var result = await part();
            await SendAsync("RELEASE SAVEPOINT part");
            return result;
        }
        catch (Exception failure)
        {
            unit.AfterCommit.RemoveRange(promised, unit.AfterCommit.Count - promised);
            unit.Gathered.RemoveRange(gathered, unit.Gathered.Count - gathered);
            try
            {
                await SendAsync("ROLLBACK TO SAVEPOINT part");
                await SendAsync("RELEASE SAVEPOINT part");
            }
            catch (Exception undo) when (IsOfTheDatabase(failure) && undo is DbException or InvalidOperationException)
            {
                // The savepoint is gone with the whole transaction (a full disk does that) or with the connection: the first failure says why.
            }

            unit.UndoFrom(ends);
            throw;
        }
    }

    /// <summary>Inside a unit: does <paramref name="action"/> once the unit is on the disk, and never if it is rolled back.</summary>
    public void AfterCommit(Action action) => Required.AfterCommit.Add(action);

    /// <summary>Inside a unit: its writes are kept, and its caller gets <paramref name="refusal"/> once they are on the disk.</summary>
    internal void ThrowAfterCommit(ProblemException refusal) => Required.Refusal = refusal;

    internal Task<int> ExecuteAsync(string sql, object? args = null) => Required.Connection.ExecuteAsync(sql, args);

    /// <summary>
    /// <see cref="ExecuteAsync"/> for a statement of which nobody needs to know anything but that it was run: it may go to the database with the unit's
    /// next statement or its commit, and fails there if it fails.
    /// </summary>
    internal virtual Task SendAsync(string sql, object? args = null) => ExecuteAsync(sql, args);

    internal Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? args = null) =>
        UseAsync(async connection => (IReadOnlyList<T>)(await connection.QueryAsync<T>(sql, args)).AsList());

    internal Task<T?> FirstOrDefaultAsync<T>(string sql, object? args = null) =>
        UseAsync(connection => connection.QueryFirstOrDefaultAsync<T>(sql, args));

    /// <summary>Commits a unit, alone or together with others, and says what came of it.</summary>
    private protected abstract Task<Committed<T>> CommitAsync<T>(Func<Task<T>> unit, CancellationToken cancellationToken);

    /// <summary>Runs a query on a read-only connection.</summary>
    private protected abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read);

    /// <summary>The synchronous form of <see cref="CommitAsync{T}"/>.</summary>
    private protected virtual Committed<T> Commit<T>(Func<DbConnection, T> unit) =>
        CommitAsync(() => Task.FromResult(unit(Required.Connection)), CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>The synchronous form of <see cref="ReadAsync{T}"/>.</summary>
    private protected virtual T ReadOnly<T>(Func<DbConnection, T> read) =>
        ReadAsync(connection => Task.FromResult(read(connection))).GetAwaiter().GetResult();

    private protected static WriteUnit? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    private static bool IsOfTheDatabase(Exception? failure) =>
        failure is DbException || (failure is not null && IsOfTheDatabase(failure.InnerException));

    private protected static WriteUnit Required =>
        Current ?? throw new InvalidOperationException("Writing needs a write unit: call it inside Database.WriteAsync.");

    private Task<T> UseAsync<T>(Func<DbConnection, Task<T>> use) => Current is { } unit ? use(unit.Connection) : ReadAsync(use);

    private protected readonly record struct Committed<T>(T Result, WriteUnit Unit);

    /// <summary>A unit in progress: its connection for as long as it runs, and what is to happen when it is committed.</summary>
    private protected sealed class WriteUnit(DbConnection connection)
    {
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private bool _ended;

        /// <exception cref="InvalidOperationException">The unit has ended, or another thread asks.</exception>
        public DbConnection Connection => !_ended && (!BoundToThread || Environment.CurrentManagedThreadId == _thread)
            ? connection
            : throw new InvalidOperationException("A write unit's connection was used after its end or by another thread: a unit may only await its database.");

        public bool BoundToThread { get; init; }

        public List<Action> AfterCommit { get; } = [];

        public List<Action<bool>> AtEnd { get; } = [];

        public List<(Gathering Gathering, string Item)> Gathered { get; } = [];

        public ProblemException? Refusal { get; set; }

        /// <summary>Its connection can no longer be used.</summary>
        public void End() => _ended = true;

        /// <summary>It is on the disk, or was rolled back.</summary>
        public void Settle(bool committed)
        {
            if (!committed) UndoFrom(0);
            foreach (var action in AtEnd) action(true);
        }

        /// <summary>What was asked for from this place on is told that it was rolled back.</summary>
        public void UndoFrom(int first)
        {
            for (var i = AtEnd.Count - 1; i >= first; i--) AtEnd[i](false);
            AtEnd.RemoveRange(first, AtEnd.Count - first);
        }
    }
}

/// <summary>What units leave to be written for several of them at once (<see cref="Database.TryGather"/>).</summary>
/// <param name="write">Inside their transaction: writes what they left, in their order. What it throws fails all of them.</param>
public sealed class Gathering(Action<IReadOnlyList<string>> write)
{
    internal void Write(IReadOnlyList<string> items) => write(items);
}
