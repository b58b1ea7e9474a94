using System.Text;
using System.Text.Json.Nodes;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

public sealed class FormAndJsonTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    private const string Form = "application/x-www-form-urlencoded";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    /// <summary>What makes two charges of the same request differ.</summary>
    private static readonly string[] Own = ["id", "created", "payment_method", "balance_transaction"];

    public static TheoryData<string, string> Charges => new()
    {
        { "amount=2000&currency=usd&source=tok_visa", """{"amount":2000,"currency":"usd","source":"tok_visa"}""" },
        { "amount=2000&currency=usd&source=tok_visa", """{"amount":"2000","currency":"usd","source":"tok_visa"}""" },
        { "amount=500&currency=JPY&source=pm_card_visa&capture=false", """{"amount":500,"currency":"JPY","source":"pm_card_visa","capture":false}""" },
        {
            "amount=2000&currency=usd&source=tok_visa&description=Caf%C3%A9+%26+more%21+%F0%9F%92%B3&receipt_email=a%2Bb@example.com",
            """{"amount":2000,"currency":"usd","source":"tok_visa","description":"Café & more! \ud83d\udcb3","receipt_email":"a+b@example.com"}"""
        },
        {
            "amount=2000&currency=usd&source=tok_visa&metadata[order]=17&metadata[paid]=true&metadata[a b]=c=d&metadata[empty]=",
            """{"amount":2000,"currency":"usd","source":"tok_visa","metadata":{"order":17,"paid":true,"a b":"c=d","empty":""}}"""
        },
        {
            "amount=2000&currency=usd&source=tok_visa&shipping[name]=Ada&shipping[address][line1]=1+Main+St&shipping[address][city]=Graz&shipping[tracking_number]=7",
            """{"amount":2000,"currency":"usd","source":"tok_visa","shipping":{"name":"Ada","address":{"line1":"1 Main St","city":"Graz"},"tracking_number":"7"}}"""
        },
        {
            "amount=2000&currency=usd&source[object]=card&source[number]=5555555555554444&source[exp_month]=02&source[exp_year]=35&source[cvc]=123&source[name]=Ada&source[address_zip]=8010",
            """{"amount":2000,"currency":"usd","source":{"object":"card","number":"5555555555554444","exp_month":2,"exp_year":2035,"cvc":"123","name":"Ada","address_zip":"8010"}}"""
        },
        {
            "amount=2000&currency=usd&source=tok_visa&transfer_group=g1&on_behalf_of=acct_1&application_fee_amount=3&statement_descriptor_suffix=X&expand[]=customer&expand[1]=refunds",
            """{"amount":2000,"currency":"usd","source":"tok_visa","transfer_group":"g1","on_behalf_of":"acct_1","application_fee_amount":3,"statement_descriptor_suffix":"X","expand":["customer","refunds"]}"""
        },
        {
            "amount=2000&currency=usd&source=tok_visa&transfer_data[destination]=acct_1",
            """{"amount":2000,"currency":"usd","source":"tok_visa","transfer_data":{"destination":"acct_1"},"description":null,"metadata":null,"shipping":null}"""
        },
        { "amount=2000&currency=usd&source=tok_visa&description=", """{"amount":2000,"currency":"usd","source":"tok_visa","description":""}""" },
        { "amount=1&amount=2000&currency=usd&source=tok_visa", """{"amount":1,"amount":2000,"currency":"usd","source":"tok_visa"}""" },
    };

    [EngineTheory]
    [MemberData(nameof(Charges))]
    public async Task A_form_and_json_make_the_same_charge(string form, string json)
    {
        var byJson = (await _merchant.PostJsonAsync("/v1/charges", json)).ShouldBe(200);
        var raw = (await PostAsync("/v1/charges", form)).ShouldBe(200);
        var escaped = (await PostAsync("/v1/charges", form.Replace("[", "%5B").Replace("]", "%5d"))).ShouldBe(200);
        var inQuery = (await PostAsync("/v1/charges?" + form, "")).ShouldBe(200);

        var expected = Comparable(byJson);
        Comparable(raw).ShouldBe(expected);
        Comparable(escaped).ShouldBe(expected);
        Comparable(inQuery).ShouldBe(expected);
    }

    [EngineFact]
    public async Task What_was_sent_is_what_the_charge_holds()
    {
        var charge = (await _merchant.PostJsonAsync(
            "/v1/charges",
            """{"amount":2000,"currency":"usd","source":"tok_visa","metadata":{"order":17,"paid":true,"note":"ä=&"},"shipping":{"name":"Ada","address":{"line1":"1 Main St"}},"transfer_data":{"destination":"acct_1","amount":5}}""")).ShouldBe(200);

        charge.Text("metadata.order").ShouldBe("17");
        charge.Text("metadata.paid").ShouldBe("true");
        charge.Text("metadata.note").ShouldBe("ä=&");
        charge.Text("shipping.address.line1").ShouldBe("1 Main St");
        charge.Text("shipping.phone").ShouldBeNull();
        charge.Number("transfer_data.amount").ShouldBe(5);
    }

    [EngineFact]
    public async Task A_form_and_json_make_the_same_endpoint()
    {
        var byForm = await MakeAsync(Merchant.Raw(Encoding.UTF8.GetBytes(
            "url=http://127.0.0.1/a&enabled_events[]=charge.succeeded&enabled_events[]=charge.failed&metadata[a]=b"), Form));
        var indexed = await MakeAsync(Merchant.Raw(Encoding.UTF8.GetBytes(
            "url=http://127.0.0.1/a&enabled_events[1]=charge.failed&enabled_events[0]=charge.succeeded&metadata[a]=b"), Form));
        var byJson = await MakeAsync(Merchant.Json(
            """{"url":"http://127.0.0.1/a","enabled_events":["charge.succeeded","charge.failed"],"metadata":{"a":"b"}}"""));

        Comparable(byForm).ShouldBe(Comparable(byJson));
        Comparable(indexed).ShouldBe(Comparable(byJson));

        // Each by a merchant of its own, because one has one endpoint of a URL.
        async Task<ApiAnswer> MakeAsync(HttpContent body) =>
            (await fixture.Simulator.NewMerchant().SendAsync(HttpMethod.Post, "/v1/webhook_endpoints", body)).ShouldBe(200);
    }

    [EngineFact]
    public async Task One_key_knows_a_request_again_in_whichever_form_and_order_it_comes()
    {
        var first = (await _merchant.PostAsync(
            "/v1/charges", "k", ("amount", "2000"), ("currency", "usd"), ("source", "tok_visa"), ("metadata[a]", "1"), ("metadata[b]", "2"))).ShouldBe(200);
        var again = (await _merchant.PostJsonAsync(
            "/v1/charges", """{"metadata":{"b":"2","a":"1"},"source":"tok_visa","currency":"usd","amount":2000}""", "k")).ShouldBe(200);

        again.Body.ShouldBe(first.Body);
        again.Header("Idempotent-Replayed").ShouldBe("true");
    }

    [EngineTheory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON")]
    public async Task The_content_type_is_read_as_http_says(string contentType) =>
        (await _merchant.SendAsync(
            HttpMethod.Post, "/v1/charges",
            Merchant.Raw(Encoding.UTF8.GetBytes("""{"amount":2000,"currency":"usd","source":"tok_visa"}"""), contentType))).ShouldBe(200);

    [EngineFact]
    public async Task A_form_may_come_without_a_content_type() =>
        (await _merchant.SendAsync(
            HttpMethod.Post, "/v1/charges", Merchant.Raw(Encoding.UTF8.GetBytes("amount=2000&currency=usd&source=tok_visa"), null))).ShouldBe(200);

    private Task<ApiAnswer> PostAsync(string path, string form) =>
        _merchant.SendAsync(HttpMethod.Post, path, Merchant.Raw(Encoding.UTF8.GetBytes(form), Form));

    private static string Comparable(ApiAnswer answer)
    {
        var json = JsonNode.Parse(answer.Body)!.AsObject();
        foreach (var name in Own.Append("secret")) json.Remove(name);
        json["source"]?.AsObject().Remove("id");
        json["refunds"]?.AsObject().Remove("url");
        // A time: the two were not made in the same second for sure.
        json["payment_method_details"]?["card"]?.AsObject().Remove("capture_before");
        return json.ToJsonString();
    }
}
