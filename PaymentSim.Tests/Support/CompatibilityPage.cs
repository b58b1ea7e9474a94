using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Routing;
using PaymentSim.Api.Rest;
using PaymentSim.Core;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Tests.Support;

/// <summary>
/// Writes <c>docs/compatibility.md</c>: the controllers' routes and the requests that they send, beside the endpoints and parameters that the
/// <see cref="OfficialSdk"/> has.
/// </summary>
internal static partial class CompatibilityPage
{
    private const string Echoed = "accepted and echoed";

    private const string Head =
        """
        # Compatibility

        What of the real API's payments core is here, parameter by parameter. This page is made of the code, and a test compares the two; the
        real API's side is what the official .NET SDK sends. After a change: `PAYMENTSIM_WRITE_DOCS=1 dotnet test --filter CompatibilityTests`.

        - **works**: it does what it does in the real API, as far as tests of a payment integration see it.
        - **accepted and echoed**: it is taken, shown again where the object has that field, and changes nothing else.
        - **not there**: `400 parameter_unknown` for a parameter, `404` for an endpoint. Of an object that is not there its parts are not listed.


        """;

    public static async Task<string> WriteAsync()
    {
        var theirs = await OfficialSdk.EndpointsAsync();
        var ours = Routes().DistinctBy(route => Shape(route.Endpoint)).ToDictionary(route => Shape(route.Endpoint));
        var text = new StringBuilder(Head.ReplaceLineEndings("\n"));

        text.Append("## Endpoints\n\n| endpoint | | works | accepted and echoed | not there |\n|---|---|---:|---:|---:|\n");
        var shared = theirs.Keys.Order(StringComparer.Ordinal).OrderBy(PathOf, StringComparer.Ordinal).ToList();
        var lists = shared.Where(ours.ContainsKey).ToDictionary(endpoint => endpoint, endpoint => Compare(ours[endpoint], theirs[endpoint]));
        foreach (var endpoint in shared)
        {
            text.Append(lists.TryGetValue(endpoint, out var found)
                ? $"| `{ours[endpoint].Endpoint}` | works | {Count(found, "works")} | {Count(found, Echoed)} | {Count(found, "not there")} |\n"
                : $"| `{endpoint.Replace("{}", "{id}", StringComparison.Ordinal)}` | not there | | | |\n");
        }

        text.Append("\n## Parameters\n");
        foreach (var endpoint in shared.Where(lists.ContainsKey)) Append(ours[endpoint].Endpoint, lists[endpoint]);

        text.Append("\n## Only here\n\nTest helpers, and other names of the same.\n");
        var own = ours.Where(route => !theirs.ContainsKey(route.Key)).Select(route => route.Value);
        foreach (var route in own.OrderBy(route => route.Endpoint, StringComparer.Ordinal).OrderBy(route => PathOf(route.Endpoint), StringComparer.Ordinal))
            Append(route.Endpoint, Compare(route, null));
        return text.ToString();

        void Append(string endpoint, IReadOnlyList<(string Name, string State)> parameters)
        {
            text.Append($"\n### `{endpoint}`\n\n");
            foreach (var state in new[] { "works", Echoed, "not there" })
            {
                var names = parameters.Where(parameter => parameter.State == state).Select(parameter => $"`{parameter.Name}`").ToList();
                if (names.Count > 0) text.Append($"- {state}: {string.Join(", ", names)}\n");
            }

            if (parameters.Count == 0) text.Append("No parameters.\n");
        }
    }

    private static int Count(IReadOnlyList<(string Name, string State)> parameters, string state) => parameters.Count(parameter => parameter.State == state);

    private static string PathOf(string endpoint) => endpoint[endpoint.IndexOf('/', StringComparison.Ordinal)..];

    private static string Shape(string endpoint) => RouteValue().Replace(endpoint, "{}");

    private static IEnumerable<Route> Routes() =>
        from controller in typeof(RestController).Assembly.GetTypes()
        where controller.IsSubclassOf(typeof(RestController))
        let prefix = controller.GetCustomAttribute<RouteAttribute>()?.Template
        from action in controller.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        from verb in action.GetCustomAttributes<HttpMethodAttribute>()
        let path = string.Join('/', new[] { prefix, verb.Template }.Where(part => !string.IsNullOrEmpty(part)))
        select new Route($"{verb.HttpMethods.Single()} /{path}", action.GetParameters().Single().ParameterType);

    private static List<(string Name, string State)> Compare(Route route, Type? theirs)
    {
        var found = new List<(string, string)>();
        Compare(route.Request, theirs, "", RouteValue().Matches(route.Endpoint).Select(match => match.Value.Trim('{', '}')).ToHashSet(), found);
        return found;
    }

    private static void Compare(Type ours, Type? theirs, string path, IReadOnlySet<string> fixedNames, List<(string Name, string State)> found)
    {
        var here = ours.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true })
            .ToDictionary(property => ParameterName.Of(property.Name));
        var there = OfficialSdk.Parameters(theirs);
        foreach (var name in here.Keys.Union(there.Keys).Where(name => !fixedNames.Contains(name)).Order(StringComparer.Ordinal))
        {
            var full = path.Length == 0 ? name : $"{path}[{name}]";
            if (!here.TryGetValue(name, out var property))
            {
                found.Add((full, "not there"));
                continue;
            }

            var echoed = property.GetCustomAttribute<WithoutEffectAttribute>() is not null;
            found.Add((full, echoed ? Echoed : "works"));
            if (!echoed && Parts(property.PropertyType) is { } parts)
                Compare(parts.Type, there.GetValueOrDefault(name), full + parts.Suffix, new HashSet<string>(), found);
        }
    }

    /// <summary>The type of a parameter's named parts; null: it has none of our own.</summary>
    private static (Type Type, string Suffix)? Parts(Type type)
    {
        if (type == typeof(string) || type == typeof(JsonElement?) || Nullable.GetUnderlyingType(type) is { IsPrimitive: true }) return null;
        if (!type.IsGenericType) return (type, "");
        return type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && Parts(type.GetGenericArguments()[0]) is { } item ? (item.Type, "[]") : null;
    }

    private sealed record Route(string Endpoint, Type Request);

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex RouteValue();
}
