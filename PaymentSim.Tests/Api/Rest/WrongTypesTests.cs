using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using PaymentSim.Core.Pipeline;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary>Every parameter of every URL, with values of every wrong type: new parameters are tested without a word.</summary>
public sealed class WrongTypesTests(SimulatorFixture fixture) : IClassFixture<SimulatorFixture>
{
    private const string Nul = "\"a\\u0000b\"";

    private readonly Merchant _merchant = fixture.Simulator.NewMerchant();

    [EngineFact]
    public async Task A_value_of_a_wrong_type_is_refused_by_its_parameters_name()
    {
        var count = 0;
        foreach (var (method, path, type) in Routes().Where(route => route.Method is "POST" or "PUT"))
        {
            foreach (var (name, json, body) in Wrong(type, "", value => value))
            {
                var answer = await _merchant.SendAsync(new HttpMethod(method), path, Merchant.Json(body));
                answer.Status.ShouldBe(400, $"{method} {path} {body}: {answer}");
                (answer.Text("error.param") ?? "").ShouldStartWith(name, Case.Sensitive, $"{method} {path} with {json}: {answer}");
                count++;
            }
        }

        count.ShouldBeGreaterThan(300);
        (await _merchant.IdsAsync("/v1/charges")).ShouldBeEmpty();
        (await _merchant.IdsAsync("/v1/webhook_endpoints")).ShouldBeEmpty();
    }

    [EngineFact]
    public async Task A_text_of_a_wrong_kind_in_a_query_is_refused_by_its_parameters_name()
    {
        var count = 0;
        foreach (var (method, path, type) in Routes().Where(route => route.Method == "GET"))
        {
            foreach (var (name, query) in WrongTexts(type, ""))
            {
                var answer = await _merchant.SendAsync(new HttpMethod(method), $"{path}?{query}");
                answer.Status.ShouldBe(400, $"{path}?{query}: {answer}");
                (answer.Text("error.param") ?? "").ShouldStartWith(name, Case.Sensitive, $"{path}?{query}: {answer}");
                count++;
            }
        }

        count.ShouldBeGreaterThan(50);
    }

    [EngineFact]
    public async Task An_unknown_parameter_is_refused_by_every_url()
    {
        var routes = Routes();
        foreach (var (method, path, _) in routes)
        {
            (await _merchant.SendAsync(new HttpMethod(method), path + "?no_such=1"))
                .ShouldBeError(400, "invalid_request_error", "parameter_unknown", "no_such", "Received unknown parameter: no_such");
        }

        routes.Count.ShouldBeGreaterThanOrEqualTo(14);
    }

    private List<(string Method, string Path, Type Request)> Routes() =>
    [
        .. from endpoint in fixture.Simulator.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let action = endpoint.Metadata.GetMetadata<ControllerActionDescriptor>()
           where action is not null && endpoint.RoutePattern.RawText!.StartsWith("v1/", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           select (method, "/" + endpoint.RoutePattern.RawText!.Replace("{id}", "x").Replace("{event_id}", "x").Replace("{customer}", "x").Replace("{charge}", "x"), action.Parameters.Single().ParameterType),
    ];

    /// <summary>Parameter, wrong value, and the body that holds it.</summary>
    private static IEnumerable<(string Name, string Json, string Body)> Wrong(Type type, string path, Func<string, string> wrap)
    {
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            var member = ParameterName.Of(property.Name);
            var name = path.Length == 0 ? member : $"{path}[{member}]";
            foreach (var json in WrongValues(property.PropertyType))
                yield return (name, json, wrap($"{{{JsonSerializer.Serialize(member)}:{json}}}"));
            var (nested, index, open, close) = ItemOf(property.PropertyType) is { } item ? (item, "[0]", "[", "]") : (property.PropertyType, "", "", "");
            if (!IsNested(nested)) continue;
            foreach (var inner in Wrong(nested, name + index, value => wrap($"{{{JsonSerializer.Serialize(member)}:{open}{value}{close}}}")))
                yield return inner;
        }
    }

    private static string[] WrongValues(Type type)
    {
        if (type == typeof(string)) return ["5", "1.5", "true", "{\"a\":\"b\"}", "{}", "[\"a\"]", "[]", Nul];
        if (type == typeof(long?))
            return ["\"abc\"", "1.5", "1e2", "\"1e2\"", "true", "{\"a\":1}", "[1]", "\"\"", "9223372036854775808", "-9223372036854775809", Nul, "\" 1\"", "1" + new string('0', 400)];
        if (type == typeof(double?)) return ["\"abc\"", "true", "{\"a\":1}", "[1]", "\"\"", Nul];
        if (type == typeof(bool?)) return ["\"yes\"", "1", "0", "\"TRUE\"", "{}", "[true]", "\"\"", Nul];
        if (type == typeof(JsonElement?)) return [Nul, $"{{\"a\":{Nul}}}", $"[{Nul}]"];
        if (type == typeof(IReadOnlyList<string>)) return ["5", "true", "\"x\"", "[5]", "[true]", "[{\"a\":\"b\"}]", "[[\"a\"]]", "{\"a\":\"b\"}", $"[{Nul}]"];
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return ["5", "true", "\"x\"", "[\"a\"]", "{\"a\":{\"b\":\"c\"}}", "{\"a\":[\"b\"]}", $"{{\"a\":{Nul}}}", $"{{{Nul}:\"b\"}}"];
        if (ItemOf(type) is not null) return ["5.5", "true", "\"x\"", "[\"a\"]", "[5]", "[[\"a\"]]", "{\"a\":{}}", "[{\"no_such\":\"x\"}]", $"[{{{Nul}:\"b\"}}]"];
        return ["5.5", "true", "[\"a\"]", "[]", "{\"no_such\":\"x\"}", $"{{{Nul}:\"b\"}}"];
    }

    private static IEnumerable<(string Name, string Query)> WrongTexts(Type type, string path)
    {
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true }))
        {
            var member = ParameterName.Of(property.Name);
            var name = path.Length == 0 ? member : $"{path}[{member}]";
            string[] values = property.PropertyType == typeof(string) ? ["[a]=1", "[]=1", "=%00"]
                : property.PropertyType == typeof(long?) ? ["=abc", "=1.5", "=", "[a]=1", "[]=1", "=9223372036854775808"]
                : property.PropertyType == typeof(bool?) ? ["=yes", "=1", "=", "[a]=true"]
                : property.PropertyType == typeof(IReadOnlyList<string>) ? ["=x", "[a]=x", "[0][a]=x", "[]=%00"]
                : ["=x", "[no_such]=1"];
            foreach (var value in values) yield return (name, name + value);
            if (!IsNested(property.PropertyType)) continue;
            foreach (var inner in WrongTexts(property.PropertyType, name)) yield return inner;
        }
    }

    /// <summary>What a list of objects is a list of; null: it is none.</summary>
    private static Type? ItemOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && IsNested(type.GetGenericArguments()[0]) ? type.GetGenericArguments()[0] : null;

    private static bool IsNested(Type type) => type.Assembly == typeof(ParameterName).Assembly;
}
