using System.Text;
using System.Text.Json;
using Bogus;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Thousands of requests that a seed made up: nonsense, near misses and valid ones. None may make the simulator fail.</summary>
public sealed class FuzzTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private const int Requests = 4000;
    private const int AtOnce = 8;

    private static readonly string[] Paths =
    [
        "/v1/charges", "/v1/charges", "/v1/charges", "/v1/charges/{id}", "/v1/webhook_endpoints", "/v1/webhook_endpoints/{id}", "/v1/events", "/v1/events/{id}",
        "/v1/test_helpers/events/{id}/deliveries", "/v1/{id}", "/v1", "/v1/tokens", "/v1/tokens/{id}", "/v1/customers", "/v1/customers", "/v1/customers/{id}",
        "/v1/customers/{id}/sources", "/v1/customers/{id}/sources/{id}", "/v1/customers/{id}/payment_methods", "/v1/payment_methods", "/v1/payment_methods/{id}",
        "/v1/accounts", "/v1/charges/search", "/v1/customers/search", "/v1/test_helpers/events", "/v1/payment_methods/{id}/attach", "/v1/payment_methods/{id}/detach",
        "/v1/payment_intents", "/v1/payment_intents/{id}", "/v1/payment_intents/{id}/confirm", "/v1/payment_intents/{id}/capture", "/v1/payment_intents/search",
        "/v1/setup_intents", "/v1/setup_intents/{id}/confirm", "/v1/checkout/sessions", "/v1/refunds", "/v1/refunds/{id}", "/v1/charges/{id}/capture",
        "/v1/charges/{id}/refunds", "/v1/disputes", "/v1/disputes/{id}", "/v1/payouts", "/v1/payouts/{id}/cancel", "/v1/balance", "/v1/balance_transactions",
        "/v1/test_helpers/charges/{id}/dispute",
    ];

    private static readonly string[] Names =
    [
        "amount", "currency", "source", "customer", "description", "metadata", "capture", "receipt_email", "statement_descriptor", "shipping", "transfer_data",
        "radar_options", "expand", "url", "enabled_events", "api_version", "disabled", "connect", "limit", "starting_after", "ending_before", "created", "type",
        "types", "delivery_success", "id", "number", "exp_month", "exp_year", "cvc", "name", "address", "line1", "gt", "lte", "object", "card", "bank_account", "us_bank_account", "account_number",
        "routing_number", "token", "email", "phone", "balance", "payment_method", "invoice_settings", "default_payment_method", "default_source", "preferred_locales",
        "tax_exempt", "charge", "payment_intent", "reason", "evidence", "submit", "confirm", "capture_method", "amount_to_capture", "automatic_payment_methods", "enabled",
        "payment_method_types", "payment_method_data", "client_secret", "usage", "mode", "line_items", "price_data", "unit_amount", "quantity", "success_url", "method",
        "billing_details", "allow_redisplay", "address_line1", "validate", "query", "page", "data", "0", "1", "", "__proto__", "$type",
    ];

    private static readonly string[] Texts =
    [
        "usd", "jpy", "tok_visa", "tok_chargeDeclined", "4242424242424242", "btok_us_verified", "tok_visa|tok_chargeDeclined", "2000", "49", "0", "-1", "1e9", "true",
        "false", "", "null", "*", "charge.*", "charge.succeeded", "http://127.0.0.1:9/", "javascript:alert(1)", "' OR 1=1 --", "\"", "\\", "%", "_", "!", "\u0000",
        "\uFFFF", "💳", "é", "‮", "a b", "a&b=c", "{}", "[]", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "NaN", "1735689600", "\r\n", "../..",
        "cus_x", "pm_card_visa", "pm_usBankAccount", "us_bank_account", "card", "000123456789", "110000000", "tok_visa_debit", "a@b.example", "none", "8", "2035", "email:\"a\"", "amount>1 OR -refunded:true", "metadata[\"a\"]:null", "data.customer",
    ];

    [EngineFact]
    public async Task No_request_makes_the_simulator_fail()
    {
        var merchant = fixture.Simulator.NewMerchant();
        var charge = (await merchant.ChargeAsync()).ShouldBe(200);
        var random = new Randomizer(20250615);
        var requests = Enumerable.Range(0, Requests).Select(_ => MakeUp(random, charge.Id)).ToList();

        var statuses = new int[Requests];
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            var made = requests[i];
            var answer = await merchant.SendAsync(
                new HttpMethod(made.Method), fixture.Simulator.Url + made.Path, made.Body is null ? null : Merchant.Raw(made.Body, made.ContentType), made.Headers);
            statuses[i] = answer.Status;
            answer.Status.ShouldBeLessThan(500, $"{made}: {answer}");
            if (answer.Status >= 400 && answer.Header("Request-Id") is not null && made.Method != "HEAD") answer.Text("error.message").ShouldNotBeNullOrEmpty(made.ToString());
        });

        // Else the requests are all refused at the door, and prove nothing.
        statuses.Count(status => status == 200).ShouldBeGreaterThan(Requests / 20);
        statuses.Count(status => status == 400).ShouldBeGreaterThan(Requests / 4);
        (await merchant.GetAsync($"/v1/charges/{charge.Id}")).Text("amount").ShouldBe("2000");
        (await fixture.Simulator.Http.GetAsync("/health/ready")).EnsureSuccessStatusCode();
    }

    private sealed record Made(string Method, string Path, string? ContentType, byte[]? Body, (string Name, string Value)[] Headers)
    {
        public override string ToString() => $"{Method} {Path} {ContentType} {string.Join(",", Headers)} {(Body is null ? "" : Encoding.UTF8.GetString(Body))}";
    }

    private static Made MakeUp(Randomizer random, string chargeId)
    {
        var path = random.ArrayElement(Paths).Replace("{id}", random.Bool() ? chargeId : Uri.EscapeDataString(random.ArrayElement(Texts).Replace("..", "")), StringComparison.Ordinal);
        var method = random.WeightedRandom(["POST", "GET", "DELETE", "PUT", "PATCH", "HEAD"], [0.6f, 0.25f, 0.05f, 0.04f, 0.03f, 0.03f]);
        if (random.Bool(0.3f)) path += "?" + Encoding.UTF8.GetString(Form(random));
        var headers = new List<(string, string)>();
        if (random.Bool(0.2f)) headers.Add(("Idempotency-Key", "key-" + random.Int(0, 20)));
        if (random.Bool(0.1f)) headers.Add(("Stripe-Version", random.ArrayElement(["2024-06-20", "x", "2026-10-28.endive", "2024-06-20; a=b"])));
        if (method is "GET" or "HEAD") return new Made(method, path, null, null, [.. headers]);

        var (type, body) = random.Int(0, 5) switch
        {
            0 => ("application/x-www-form-urlencoded", Form(random)),
            1 => ("application/json", Encoding.UTF8.GetBytes(Value(random, 0))),
            2 => ("application/json", Valid(random)),
            3 => ("application/json", Broken(random, Valid(random))),
            4 => ("application/x-www-form-urlencoded", Broken(random, Form(random))),
            _ => ("application/json", Encoding.UTF8.GetBytes(Members(random, 0))),
        };
        return new Made(method, path, random.Bool(0.03f) ? random.ArrayElement(["text/plain", "application/xml", ";", "application/json;"]) : type, body, [.. headers]);
    }

    private static byte[] Valid(Randomizer random) => JsonSerializer.SerializeToUtf8Bytes(random.Int(0, 9) switch
    {
        < 6 => new Dictionary<string, object?>
        {
            ["amount"] = random.Long(1, 100_000),
            ["currency"] = random.ArrayElement(["usd", "jpy", "gbp"]),
            ["source"] = random.ArrayElement(["tok_visa", "4242424242424242", "tok_chargeDeclined", "btok_us_verified"]),
            ["description"] = random.ArrayElement(Texts).Replace("\0", ""),
        },
        6 => new() { ["url"] = "http://127.0.0.1:9/", ["enabled_events"] = new[] { "charge.no_such_type" } },
        7 => new()
        {
            ["name"] = random.ArrayElement(Texts).Replace("\0", ""),
            ["source"] = random.ArrayElement(["tok_visa", "tok_chargeDeclined", "btok_us_verified"]),
            ["payment_method"] = random.ArrayElement(["pm_card_visa", "pm_usBankAccount", "pm_x"]),
        },
        8 => new() { ["type"] = "card", ["card"] = new { token = random.ArrayElement(["tok_visa", "tok_mastercard", "btok_us_verified"]) } },
        _ => new() { ["type"] = "us_bank_account", ["us_bank_account"] = new { account_number = "000123456789", routing_number = "110000000" } },
    });

    /// <summary>Some bytes changed, dropped or doubled.</summary>
    private static byte[] Broken(Randomizer random, byte[] valid)
    {
        var bytes = valid.ToList();
        for (var i = random.Int(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Int(0, bytes.Count - 1);
            if (random.Bool()) bytes[at] = random.Byte();
            else if (random.Bool()) bytes.RemoveAt(at);
            else bytes.Insert(at, random.ArrayElement("{}[]\",:=&%+\0"u8.ToArray()));
        }

        return [.. bytes];
    }

    private static byte[] Form(Randomizer random) => Encoding.UTF8.GetBytes(string.Join('&', Enumerable.Range(0, random.Int(0, 5)).Select(_ =>
    {
        var name = random.ArrayElement(Names) + string.Concat(Enumerable.Range(0, random.Int(0, 3)).Select(_ => $"[{random.ArrayElement(Names)}]"));
        return $"{name}{random.ArrayElement(["=", "=", "=", "", "=="])}{Uri.EscapeDataString(random.ArrayElement(Texts))}";
    })));

    private static string Value(Randomizer random, int depth) => random.Int(0, depth > 3 ? 3 : 6) switch
    {
        0 => random.ArrayElement(["0", "1", "-1", "2000", "1.5", "1e400", "-0", "9223372036854775808", "true", "false", "null"]),
        1 or 2 or 3 => JsonSerializer.Serialize(random.ArrayElement(Texts)),
        4 => "[" + string.Join(',', Enumerable.Range(0, random.Int(0, 3)).Select(_ => Value(random, depth + 1))) + "]",
        _ => Members(random, depth),
    };

    private static string Members(Randomizer random, int depth) => "{" + string.Join(
        ',', Enumerable.Range(0, random.Int(0, 5)).Select(_ => $"{JsonSerializer.Serialize(random.ArrayElement(Names))}:{Value(random, depth + 1)}")) + "}";
}
