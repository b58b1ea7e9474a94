using Dapper;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.TimeTravel;

/// <summary>Keeps how the simulator's time differs from the real one, so that it does not jump back at a restart.</summary>
internal static class ClockStore
{
    /// <summary>Brings the clock to where the simulator left it, before anything else asks what time it is.</summary>
    public static void Restore(SimulatorClock clock, Database database)
    {
        var row = database.Read(connection => connection.QueryFirstOrDefault<Row>("SELECT offset_ms, frozen_at FROM simulator_clock WHERE id = 1"));
        if (row is not null) clock.Setting = new ClockSetting(TimeSpan.FromMilliseconds(row.OffsetMs), row.FrozenAt);
    }

    public static Task SaveAsync(Database database, ClockSetting setting) => database.WriteAsync(() => database.ExecuteAsync(
        """
        INSERT INTO simulator_clock (id, offset_ms, frozen_at) VALUES (1, @offset, @FrozenAt)
        ON CONFLICT (id) DO UPDATE SET offset_ms = excluded.offset_ms, frozen_at = excluded.frozen_at
        """,
        new { offset = (long)setting.Offset.TotalMilliseconds, setting.FrozenAt }));

    private sealed record Row
    {
        public required long OffsetMs { get; init; }

        public DateTimeOffset? FrozenAt { get; init; }
    }
}
