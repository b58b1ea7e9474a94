using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace PaymentSim.Core.Storage.Sqlite;

internal sealed partial class SqliteDatabase
{
    /// <summary>
    /// Says once that nothing can be written, and once that it can again, however many writes fail meanwhile: a log may well stand on the disk
    /// that is full. Used by the writer's thread alone.
    /// </summary>
    private sealed partial class Outage(PreparedConnection writer, ILogger logger)
    {
        private bool _isOn;
        private int _changes;

        public void Failed(Exception failure, int units)
        {
            if (SqliteWriter.UnavailableCause(failure) is not { } cause)
            {
                LogFailed(logger, failure, units);
                return;
            }

            if (!_isOn) LogBegun(logger, cause.Message);
            (_isOn, _changes) = (true, raw.sqlite3_total_changes(writer.Handle));
        }

        /// <summary>A commit without any change says nothing: it does not touch the disk.</summary>
        public void Committed()
        {
            if (!_isOn || raw.sqlite3_total_changes(writer.Handle) == _changes) return;
            _isOn = false;
            LogOver(logger);
        }

        [LoggerMessage(Level = LogLevel.Error, Message = "A commit of {Units} write units failed")]
        private static partial void LogFailed(ILogger logger, Exception failure, int units);

        [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be written: {Reason} Until it can, requests are refused and webhooks wait")]
        private static partial void LogBegun(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The database can be written again")]
        private static partial void LogOver(ILogger logger);
    }
}
