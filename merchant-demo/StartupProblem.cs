using System.Net.Sockets;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Connections;
using Microsoft.Data.Sqlite;

namespace MerchantDemo;

/// <summary>Turns what commonly goes wrong at start into one line that says what to change.</summary>
internal static partial class StartupProblem
{
    /// <returns>Null if the exception is none of these: then its stack trace is of use.</returns>
    public static string? Describe(Exception problem) => problem switch
    {
        SettingsException => problem.Message,
        IOException { InnerException: AddressInUseException } =>
            $"Port {PortIn(problem.Message)} is already in use. Stop the other program, or choose another port: --urls http://localhost:5091",
        SocketException => $"The shop cannot listen there: {problem.Message}. Choose another address with --urls.",
        FormatException or ArgumentException or InvalidOperationException when problem.StackTrace?.Contains("Server.Kestrel", StringComparison.Ordinal) == true =>
            $"The shop cannot listen there: {FirstLine(problem.Message)}",
        InvalidDataException => $"{FirstLine(problem.Message)} {FirstLine(problem.InnerException?.Message ?? "")}".TrimEnd(),
        SqliteException or IOException or UnauthorizedAccessException => $"The shop cannot open its database: {FirstLine(problem.Message)}",
        _ => null,
    };

    // "Failed to bind to address http://127.0.0.1:5090: address already in use."
    private static string PortIn(string message) => BoundPort().Match(message).Groups[1].Value;

    private static string FirstLine(string message) => message.ReplaceLineEndings("\n").Split('\n')[0];

    [GeneratedRegex(@"://\S*:(\d+)")]
    private static partial Regex BoundPort();
}
