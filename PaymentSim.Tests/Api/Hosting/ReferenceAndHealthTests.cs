using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.Routing;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Hosting;

public sealed partial class ReferenceAndHealthTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    [EngineFact]
    public async Task The_description_lists_every_url_of_the_api_and_no_other()
    {
        var description = JsonDocument.Parse(await fixture.Simulator.Http.GetStringAsync("/openapi/v1.json")).RootElement;

        description.GetProperty("openapi").GetString()!.ShouldStartWith("3.");
        var described = description.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));
        var routes = fixture.Simulator.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<ControllerActionDescriptor>() is not null && endpoint.RoutePattern.RawText!.StartsWith("v1/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText}"))
            .ToList();
        routes.Count.ShouldBeGreaterThanOrEqualTo(14);
        described.Order().ShouldBe(routes.Order());
        description.At("components.securitySchemes.key.scheme").GetString().ShouldBe("bearer");
    }

    [EngineFact]
    public async Task Every_operation_has_a_summary_and_every_reference_inside_resolves()
    {
        var description = JsonDocument.Parse(await fixture.Simulator.Http.GetStringAsync("/openapi/v1.json")).RootElement;

        foreach (var path in description.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
                operation.Value.TryGetProperty("summary", out var summary).ShouldBeTrue($"{operation.Name} {path.Name} {summary}");
        }

        foreach (var reference in References().Matches(description.GetRawText()).Select(match => match.Groups[1].Value).Distinct())
            description.At(reference[2..].Replace('/', '.')).ValueKind.ShouldBe(JsonValueKind.Object, reference);
    }

    [EngineFact]
    public async Task The_reference_page_answers_from_this_programs_own_files()
    {
        using var response = await fixture.Simulator.Http.GetAsync("/docs/");
        if ((int)response.StatusCode is >= 300 and < 400) response.Headers.Location!.ToString().ShouldStartWith("/");
        using var page = response.IsSuccessStatusCode ? response : await fixture.Simulator.Http.GetAsync("/docs");
        page.EnsureSuccessStatusCode();
        var html = await page.Content.ReadAsStringAsync();

        page.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        html.ShouldContain("PaymentSim API");
        ForeignHosts().Matches(html).Select(match => match.Value).ShouldBeEmpty();
        var scripts = Scripts().Matches(html).Select(match => match.Groups[1].Value).ToList();
        scripts.ShouldNotBeEmpty();
        foreach (var script in scripts)
            (await fixture.Simulator.Http.GetAsync(new Uri(new Uri(fixture.Simulator.Url + "/docs/"), script))).EnsureSuccessStatusCode();
    }

    [EngineTheory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_healthy_simulator_says_so(string path) =>
        (await fixture.Simulator.Http.GetStringAsync(path)).ShouldBe("""{"status":"ok","reasons":{}}""");

    [GeneratedRegex("\"\\$ref\":\\s*\"([^\"]+)\"")]
    private static partial Regex References();

    [GeneratedRegex("""(?:https?:)?//(?!127\.0\.0\.1|localhost)[a-z0-9-]+\.[a-z0-9.-]+""")]
    private static partial Regex ForeignHosts();

    [GeneratedRegex("<script[^>]+src=\"([^\"]+)\"")]
    private static partial Regex Scripts();
}
