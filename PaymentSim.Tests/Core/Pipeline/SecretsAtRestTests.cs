using System.Text;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Customers;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.PaymentMethods;
using PaymentSim.Core.Tokens;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Pipeline;

/// <summary>The bytes of everything in the data directory, the write-ahead log included, hold no secret and no card data.</summary>
public sealed class SecretsAtRestTests : IDisposable
{
    private const string Cvc = "7391";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_secret_card_number_or_security_code_reaches_the_disk()
    {
        string[] numbers =
        [
            "4242424242424242", "4000000000000002", "4242424242424241", "4012888888881881", "5555555555554444", "378282246310005",
        ];
        var secrets = new List<string>();
        using (var core = new CoreHost(_folder, new ManualClock()))
        {
            var endpoint = await core.SendAsync(new CreateWebhookEndpoint { Url = "https://example.com/hook", EnabledEvents = ["*"] }, "endpoint");
            var key = await core.SendAsync(new CreateApiKey("Shop"), "key");
            await core.SendAsync(
                new UpdateEndpointPolicy(endpoint.Id) { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer h1dden-t0ken" } }, "headers");
            var rotated = await core.SendAsync(new RotateEndpointSecret(endpoint.Id), "rotation");
            var own = "whsec_" + Convert.ToBase64String(Encoding.UTF8.GetBytes("a secret of the merchant's own"));
            await core.SendAsync(new UpsertWebhookEndpoint { Url = "https://example.com/hook", Secret = own }, "upsert");
            secrets.AddRange([rotated.Secret!, rotated.Secret!["whsec_".Length..], own["whsec_".Length..], "h1dden-t0ken"]);
            secrets.AddRange([endpoint.Secret!, key.Key, key.Key[ApiKey.Prefix.Length..], endpoint.Secret!["whsec_".Length..]]);
            foreach (var number in numbers)
            {
                var typed = new ChargeSource { Number = number, ExpMonth = 12, ExpYear = 2030, Cvc = Cvc, Name = "A. Nother" };
                await core.TryAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = typed }, "typed " + number[^4..]);
                await core.TryAsync(new CreateCustomer { Source = typed }, "customer " + number[^4..]);
                await core.TryAsync(
                    new CreatePaymentMethod { Type = "card", Card = new CardParameters { Number = number, ExpMonth = 12, ExpYear = 2030, Cvc = Cvc } },
                    "method " + number[^4..]);
                await core.TryAsync(new CreateToken { Card = typed }, "token " + number[^4..]);
                var spaced = new ChargeSource { Number = string.Join(' ', number.Chunk(4).Select(part => new string(part))), ExpMonth = 12, ExpYear = 30, Cvc = Cvc };
                await core.TryAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = spaced }, "spaced " + number[^4..]);
                foreach (var name in new[] { number, $"tok_chargeDeclined|{number}", $"{number}|tok_visa", number + "00000000", number.Insert(4, "  ") + "x" })
                    await core.TryAsync(new CreateCharge { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString(name) }, name[..4] + name.Length + number[^4..]);
            }

            (await core.CountAsync("charges")).ShouldBeGreaterThan(10);
            (await core.CountAsync("payment_methods")).ShouldBe(7);
            (await core.CountAsync("tokens")).ShouldBe(4);
            (await core.CountAsync("idempotency_keys")).ShouldBeGreaterThan(30);
            Scan(numbers, secrets, "paymentsim.db", "paymentsim.db-wal");
        }

        Scan(numbers, secrets, "paymentsim.db");
    }

    private void Scan(string[] numbers, List<string> secrets, params string[] expected)
    {
        var names = Directory.GetFiles(_folder.Path).Select(file => Path.GetFileName(file)!).ToList();
        expected.ShouldBeSubsetOf(names);
        var all = new StringBuilder();
        foreach (var name in names.Where(name => !name.EndsWith(".owner", StringComparison.Ordinal)))
        {
            using var file = new FileStream(_folder.File(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            all.Append(Encoding.Latin1.GetString(bytes.ToArray()));
        }

        var text = all.ToString();
        text.ShouldContain("https://example.com/hook", customMessage: "the scan reads what was stored");
        text.ShouldContain("A. Nother");
        foreach (var secret in secrets) Absent(text, secret);
        Absent(text, "whsec_");
        Absent(text, Cvc);
        foreach (var number in numbers)
        {
            Absent(text, number);
            Absent(text, string.Join(' ', number.Chunk(4).Select(part => new string(part))));
            Absent(text, number.Insert(4, "  "));
        }
    }

    private static void Absent(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        if (at >= 0) Assert.Fail($"{secret} is in: …{text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)]}…");
    }
}
