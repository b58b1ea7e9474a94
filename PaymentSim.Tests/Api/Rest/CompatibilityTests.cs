using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Rest;

/// <summary><c>docs/compatibility.md</c> says what the code does.</summary>
public sealed class CompatibilityTests
{
    private static readonly string Page = Repository.At("docs", "compatibility.md");

    [Fact]
    public async Task The_page_is_what_the_code_says()
    {
        var text = await CompatibilityPage.WriteAsync();
        if (Environment.GetEnvironmentVariable("PAYMENTSIM_WRITE_DOCS") == "1") await File.WriteAllTextAsync(Page, text);

        (await File.ReadAllTextAsync(Page)).ReplaceLineEndings("\n")
            .ShouldBe(text, "docs/compatibility.md is old. Write it anew: PAYMENTSIM_WRITE_DOCS=1 dotnet test --filter CompatibilityTests");
    }
}
