using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Sdk;

/// <summary>Flows as merchants write them in JavaScript, with the official SDK: <c>Sdk/node</c>, run by Node's own test runner.</summary>
public sealed class NodeTests(SharedSimulatorFixture fixture) : IClassFixture<SharedSimulatorFixture>
{
    [EngineFact]
    public async Task Merchants_code_with_the_official_Node_SDK_works()
    {
        Skip.If(NodeSuite.Missing is not null, NodeSuite.Missing);

        (await NodeSuite.RunAsync(fixture.Simulator.Url)).ShouldBeEmpty("what failed in PaymentSim.Tests/Sdk/node");
    }

    [Theory]
    [InlineData("", "No node on the PATH")]
    [InlineData("/nowhere", "No node on the PATH")]
    [InlineData("/nowhere:{node}", "No npm on the PATH")]
    [InlineData("{node}:{npm}", null)]
    public void Where_Node_is_missing_the_reason_names_it(string path, string? reason)
    {
        using var node = new TempFolder();
        using var npm = new TempFolder();
        File.WriteAllText(Path.Combine(node.Path, "node"), "");
        File.WriteAllText(Path.Combine(npm.Path, "npm"), "");

        var missing = NodeSuite.MissingIn(path.Replace(":", $"{Path.PathSeparator}").Replace("{node}", node.Path).Replace("{npm}", npm.Path));

        if (reason is null) missing.ShouldBeNull();
        else missing.ShouldNotBeNull().ShouldStartWith(reason);
    }

    [Fact]
    public void Each_failing_test_is_named_with_what_was_wrong()
    {
        const string Tap = "TAP version 13\nok 1 - works\n  ---\n  duration_ms: 1\n  ...\nnot ok 2 - a card is charged\n  ---\n  error: 'Your card was declined.'\n  ...\n"
            + "not ok 3 - another\n1..3\n# pass 1\n";

        NodeSuite.Failed(Tap).ShouldBe(["not ok 2 - a card is charged\n  ---\n  error: 'Your card was declined.'\n  ...", "not ok 3 - another"]);
    }
}
