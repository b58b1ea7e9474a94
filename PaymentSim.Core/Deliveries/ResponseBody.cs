using System.Buffers;
using System.Text;

namespace PaymentSim.Core.Deliveries;

/// <summary>Reads what the log keeps of an answer's body, and no more, in as much memory as it needs.</summary>
internal static class ResponseBody
{
    public const int MaxKept = 64 * 1024;

    private const int FirstBuffer = 4096;

    /// <summary>The status has decided already: a body that breaks off or comes too slowly is kept as far as it came.</summary>
    /// <exception cref="OperationCanceledException">The simulator is being stopped.</exception>
    public static async Task<(string Text, bool IsTruncated)> ReadAsync(HttpResponseMessage response, CancellationToken deadline, CancellationToken stopping)
    {
        var expected = response.Content.Headers.ContentLength;
        if (expected == 0) return ("", false);

        // One byte more than it has shows that it ends there.
        var buffer = ArrayPool<byte>.Shared.Rent(expected < FirstBuffer ? (int)expected + 1 : FirstBuffer);
        var (length, isWhole) = (0, false);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            while (length <= MaxKept && !isWhole)
            {
                if (length == buffer.Length) buffer = Grow(buffer);
                var read = await stream.ReadAsync(buffer.AsMemory(length, Math.Min(buffer.Length, MaxKept + 1) - length), deadline);
                isWhole = read == 0;
                length += read;
            }
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException || (cut is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            // Kept as far as it came.
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        var text = Text(buffer.AsSpan(0, Math.Min(length, MaxKept)), isWhole);
        ArrayPool<byte>.Shared.Return(buffer);
        return (text, !isWhole);
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(2 * full.Length);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }

    private static string Text(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        var text = isWhole ? Encoding.UTF8.GetString(bytes) : Begun(bytes);
        // NUL is the one character that not every database takes as text.
        return text.Replace('\0', '\uFFFD');
    }

    /// <summary>Without the character in whose middle it breaks off.</summary>
    private static string Begun(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = Encoding.UTF8.GetDecoder().GetChars(bytes, characters, flush: false);
        return new string(characters, 0, count);
    }
}
