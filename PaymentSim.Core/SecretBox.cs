using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Core;

/// <summary>
/// Keeps secrets out of the database file: what must be read again (webhook secrets) is sealed with AES-GCM under this
/// installation's key, what must only be recognised again (card numbers, idempotent requests) is hashed with it.
/// </summary>
public sealed class SecretBox(byte[] masterKey)
{
    public const int KeySize = 32;

    private const string Mark = "sealed:";
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _sealKey = Derive(masterKey, "seal");
    private readonly byte[] _macKey = Derive(masterKey, "mac");

    /// <summary>By what this key is recognised; the key cannot be found from it.</summary>
    public string Check { get; } = Convert.ToBase64String(HMACSHA256.HashData(Derive(masterKey, "check"), Array.Empty<byte>()));

    /// <summary>Reads the installation's key, or makes it at the first start: a file that only its owner can read.</summary>
    public static SecretBox FromFile(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var file = new FileStream(path, options);
            file.Write(RandomNumberGenerator.GetBytes(KeySize));
            file.Flush(flushToDisk: true);
        }

        var key = File.ReadAllBytes(path);
        return key.Length == KeySize
            ? new SecretBox(key)
            : throw new InvalidDataException($"The key file {path} must hold {KeySize} bytes but holds {key.Length}. Without the right key the stored webhook secrets cannot be read.");
    }

    public string Seal(string plain)
    {
        var text = Encoding.UTF8.GetBytes(plain);
        var box = new byte[NonceSize + TagSize + text.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_sealKey, TagSize);
        aes.Encrypt(box.AsSpan(0, NonceSize), text, box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize));
        return Mark + Convert.ToBase64String(box);
    }

    /// <exception cref="CryptographicException">It was sealed under another installation's key, or altered.</exception>
    public string Open(string sealedText)
    {
        var box = Convert.FromBase64String(sealedText[Mark.Length..]);
        if (box.Length < NonceSize + TagSize) throw new CryptographicException("The sealed text is cut off.");
        var text = new byte[box.Length - NonceSize - TagSize];
        using var aes = new AesGcm(_sealKey, TagSize);
        aes.Decrypt(box.AsSpan(0, NonceSize), box.AsSpan(NonceSize + TagSize), box.AsSpan(NonceSize, TagSize), text);
        return Encoding.UTF8.GetString(text);
    }

    public string OpenIfSealed(string text) => text.StartsWith(Mark, StringComparison.Ordinal) ? Open(text) : text;

    /// <summary>A keyed hash of 32 bytes; <paramref name="purpose"/> keeps the uses apart.</summary>
    public byte[] Mac(string purpose, byte[] data)
    {
        var prefix = Encoding.UTF8.GetByteCount(purpose) + 1;
        var text = new byte[prefix + data.Length];
        Encoding.UTF8.GetBytes(purpose, text);
        data.CopyTo(text, prefix);
        return HMACSHA256.HashData(_macKey, text);
    }

    private static byte[] Derive(byte[] key, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeySize, info: Encoding.UTF8.GetBytes("paymentsim/" + purpose));
}
