using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PaymentSim.Tests.Support;

/// <summary>What a <see cref="SampleHandler"/> does wrong, or does in its own way.</summary>
public enum Carelessness
{
    None,
    StripeSignatureOnly,
    StandardWebhooksOnly,
    WantsBothFamilies,
    AcceptsEverything,
    BelievesEverybody,
    RefusesEverything,
    RedirectsEverything,
    IgnoresAge,
    BelievesTheFuture,
    LooksAtTheFirstSignature,
    TakesAnyScheme,
    CrashesOnDuplicates,
    RefusesDuplicates,
    RefusesUnknownTypes,
    RefusesUnknownFields,
    RefusesOlderEvents,
    RefusesLargeBodies,
    TakesTheFirstPiecesForAll,
    AnswersGet,
    CrashesOnContentTypes,
    CrashesOnBrokenBodies,
    CrashesOnBadSignatures,
}

/// <summary>A merchant's webhook handler on a port of its own that does everything right, in both families, but for one thing. It is written from the specifications.</summary>
public sealed class SampleHandler : IAsyncDisposable
{
    private const int SmallLimit = 100 * 1024;

    /// <summary>A request that is sent at once comes in two at most: its head, and its body.</summary>
    private const int FirstPieces = 3;

    private static readonly string[] KnownMembers = ["id", "object", "api_version", "created", "data", "livemode", "pending_webhooks", "request", "type"];

    private readonly WebApplication _app;
    private readonly Carelessness _careless;
    private readonly ConcurrentDictionary<string, bool> _seen = new();
    private readonly ConcurrentDictionary<string, long> _newest = new();

    private SampleHandler(string secret, Carelessness careless)
    {
        (Secret, _careless) = (secret, careless);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        _app = builder.Build();
        _app.Run(async context =>
        {
            var (status, text) = await AnswerAsync(context.Request);
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(text);
        });
    }

    public string Secret { get; }

    /// <summary><c>http://127.0.0.1:40123/webhooks</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The types of the events that were taken, duplicates left out.</summary>
    public IReadOnlyCollection<string> Taken => [.. _seen.Keys];

    public static async Task<SampleHandler> StartAsync(Carelessness careless = Carelessness.None, string? secret = null)
    {
        var handler = new SampleHandler(secret ?? Shop.NewSecret(), careless);
        await handler._app.StartAsync();
        handler.Url = handler._app.Urls.Single() + "/webhooks";
        return handler;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task<(int Status, string Text)> AnswerAsync(HttpRequest request)
    {
        var body = await ReadAsync(request.Body);
        if (_careless == Carelessness.AcceptsEverything) return (200, "fine");
        if (_careless == Carelessness.RefusesEverything) return (400, $"no, not with {Secret}");
        if (_careless == Carelessness.RedirectsEverything) return (308, "");
        if (request.Method != HttpMethods.Post) return (_careless == Carelessness.AnswersGet ? 200 : 405, "only POST");
        if (!request.HasJsonContentType()) return (_careless == Carelessness.CrashesOnContentTypes ? 500 : 415, "only JSON");
        if (_careless == Carelessness.RefusesLargeBodies && body.Length > SmallLimit) return (413, "too large");
        if (_careless != Carelessness.BelievesEverybody && !IsGenuine(request.Headers, body))
            return (_careless == Carelessness.CrashesOnBadSignatures ? 500 : 400, "not genuine");

        try
        {
            using var json = JsonDocument.Parse(body);
            return Take(json.RootElement);
        }
        catch (JsonException)
        {
            return (_careless == Carelessness.CrashesOnBrokenBodies ? 500 : 400, "no event");
        }
    }

    private async Task<byte[]> ReadAsync(Stream body)
    {
        var (all, pieces, buffer) = (new MemoryStream(), 0, new byte[64 * 1024]);
        while (await body.ReadAsync(buffer) is > 0 and var length)
        {
            if (++pieces <= FirstPieces || _careless != Carelessness.TakesTheFirstPiecesForAll) all.Write(buffer, 0, length);
        }

        return all.ToArray();
    }

    private (int Status, string Text) Take(JsonElement received)
    {
        if (_careless == Carelessness.RefusesUnknownFields && received.EnumerateObject().Any(member => !KnownMembers.Contains(member.Name))) return (422, "unknown field");
        var type = received.GetProperty("type").GetString()!;
        if (_careless == Carelessness.RefusesUnknownTypes && !type.StartsWith("charge.", StringComparison.Ordinal)) return (500, "unknown type");
        if (!_seen.TryAdd(received.GetProperty("id").GetString()!, true))
        {
            return _careless switch
            {
                Carelessness.CrashesOnDuplicates => (500, "UNIQUE constraint failed"),
                Carelessness.RefusesDuplicates => (409, "duplicate"),
                _ => (200, "duplicate"),
            };
        }

        var (about, created) = (received.GetProperty("data").GetProperty("object").GetProperty("id").GetString()!, received.GetProperty("created").GetInt64());
        var older = created < _newest.GetOrAdd(about, created);
        return older && _careless == Carelessness.RefusesOlderEvents ? (409, "older") : (200, older ? "older" : "taken");
    }

    private bool IsGenuine(IHeaderDictionary headers, byte[] body)
    {
        var stripe = _careless != Carelessness.StandardWebhooksOnly && IsStripe(headers["Stripe-Signature"].ToString(), body);
        var standard = _careless != Carelessness.StripeSignatureOnly
            && IsStandard(headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body);
        return _careless == Carelessness.WantsBothFamilies ? stripe && standard : stripe || standard;
    }

    private bool IsStripe(string header, byte[] body)
    {
        var parts = header.Split(',').Select(part => part.Split('=', 2)).Where(part => part.Length == 2).ToList();
        var time = parts.FirstOrDefault(part => part[0] == "t")?[1] ?? "";
        var expected = Convert.ToHexStringLower(Mac(Encoding.UTF8.GetBytes(Secret), $"{time}.", body));
        return IsRecent(time) && AnyIs(parts.Where(part => part[0] == "v1" || (part[0] != "t" && _careless == Carelessness.TakesAnyScheme)).Select(part => part[1]), expected);
    }

    private bool IsStandard(string id, string time, string header, byte[] body)
    {
        var expected = Convert.ToBase64String(Mac(Convert.FromBase64String(Secret["whsec_".Length..]), $"{id}.{time}.", body));
        var parts = header.Split(' ').Select(part => part.Split(',', 2)).Where(part => part.Length == 2);
        return IsRecent(time) && AnyIs(parts.Where(part => part[0] == "v1" || _careless == Carelessness.TakesAnyScheme).Select(part => part[1]), expected);
    }

    private bool AnyIs(IEnumerable<string> signatures, string expected) =>
        (_careless == Carelessness.LooksAtTheFirstSignature ? signatures.Take(1) : signatures).Any(signature => signature == expected);

    private bool IsRecent(string time)
    {
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return false;
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds;
        return _careless == Carelessness.IgnoresAge || (age <= 300 && (age >= -300 || _careless == Carelessness.BelievesTheFuture));
    }

    private static byte[] Mac(byte[] key, string prefix, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(prefix), .. body];
        return HMACSHA256.HashData(key, signed);
    }
}
