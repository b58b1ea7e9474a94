using System.Security.Cryptography;
using PaymentSim.Core;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core;

public sealed class SecretBoxTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, SecretBox.KeySize).Select(i => (byte)i)];

    private readonly TempFolder _folder = new();
    private readonly SecretBox _box = new(Key);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("{\"name\":\"Žofie €\"}")]
    public void A_sealed_text_is_opened_again_and_shows_nothing_before(string plain)
    {
        var text = _box.Seal(plain);

        _box.Open(text).ShouldBe(plain);
        _box.OpenIfSealed(text).ShouldBe(plain);
        if (plain.Length > 0) text.ShouldNotContain(plain);
    }

    [Fact]
    public void A_text_is_sealed_differently_each_time() => _box.Seal("whsec_x").ShouldNotBe(_box.Seal("whsec_x"));

    [Fact]
    public void A_text_that_was_never_sealed_is_left_as_it_is() => _box.OpenIfSealed("{\"id\":\"we_1\"}").ShouldBe("{\"id\":\"we_1\"}");

    [Fact]
    public void A_change_of_any_sealed_byte_is_detected()
    {
        const string Mark = "sealed:";
        var text = _box.Seal("whsec_abc");
        var bytes = Convert.FromBase64String(text[Mark.Length..]);
        for (var i = 0; i < bytes.Length; i++)
        {
            var altered = bytes.ToArray();
            altered[i] ^= 1;
            Should.Throw<CryptographicException>(() => _box.Open(Mark + Convert.ToBase64String(altered)), $"byte {i}");
        }
    }

    [Fact]
    public void Another_installations_key_does_not_open_it()
    {
        var other = new SecretBox(RandomNumberGenerator.GetBytes(SecretBox.KeySize));

        Should.Throw<CryptographicException>(() => other.Open(_box.Seal("whsec_abc")));
    }

    [Fact]
    public void A_keyed_hash_depends_on_the_key_the_purpose_and_the_data_alone()
    {
        var hash = _box.Mac("fingerprint", [1, 2, 3]);

        hash.Length.ShouldBe(32);
        new SecretBox(Key).Mac("fingerprint", [1, 2, 3]).ShouldBe(hash);
        _box.Mac("fingerprint", [1, 2, 4]).ShouldNotBe(hash);
        _box.Mac("sequence", [1, 2, 3]).ShouldNotBe(hash);
        new SecretBox(new byte[SecretBox.KeySize]).Mac("fingerprint", [1, 2, 3]).ShouldNotBe(hash);
    }

    [Fact]
    public void The_key_file_is_made_once_and_read_ever_after()
    {
        var path = _folder.File("key");
        var text = SecretBox.FromFile(path).Seal("whsec_abc");
        var bytes = File.ReadAllBytes(path);

        SecretBox.FromFile(path).Open(text).ShouldBe("whsec_abc");
        File.ReadAllBytes(path).ShouldBe(bytes);
        bytes.Length.ShouldBe(SecretBox.KeySize);
    }

    [SkippableFact]
    public void Only_its_owner_can_read_the_key_file()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var path = _folder.File("key");

        SecretBox.FromFile(path);

        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_file_of_another_size_is_refused_and_left_alone(int size)
    {
        var path = _folder.File("key");
        File.WriteAllBytes(path, new byte[size]);

        var refused = Should.Throw<InvalidDataException>(() => SecretBox.FromFile(path));

        refused.Message.ShouldContain(path);
        refused.Message.ShouldContain($"holds {size}");
        File.ReadAllBytes(path).Length.ShouldBe(size);
    }
}
