using System.Text;

namespace PaymentSim.Core.Deliveries;

/// <summary>A request as a command line for a POSIX shell, to copy and repeat.</summary>
public static class CurlCommand
{
    /// <summary>What curl puts in itself.</summary>
    private static readonly string[] Own = ["Host", "Content-Length"];

    /// <param name="url">As it is registered; what is sent is how .NET writes it.</param>
    /// <param name="headers">As they stood on the wire.</param>
    /// <param name="body">Null: none.</param>
    public static string Of(string url, IReadOnlyDictionary<string, string>? headers, string? body)
    {
        // Brackets and braces in a URL are a pattern to curl unless it is told that they are not.
        var command = new StringBuilder("curl --globoff -X POST ").Append(Quoted(new Uri(url).AbsoluteUri));
        // curl would send one of its own.
        if (headers?.ContainsKey("Accept") != true) Header("Accept:");
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (!Own.Contains(name, StringComparer.OrdinalIgnoreCase)) Header(value.Length == 0 ? $"{name};" : $"{name}: {value}");
        }

        // Not --data, to which a body that begins with @ is the name of a file.
        if (body is not null) command.Append(" --data-raw ").Append(Quoted(body));
        return command.ToString();

        void Header(string header) => command.Append(" -H ").Append(Quoted(header));
    }

    /// <summary>One word to the shell, whatever is in it.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
