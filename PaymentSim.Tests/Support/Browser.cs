using Microsoft.Playwright;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaymentSim.Tests.Support;

/// <summary>A real, headless Chromium: the machine's own, since downloading one is no test's business.</summary>
/// <param name="output">Where the runner shows messages beside the results: it keeps the reasons of skipped tests to itself.</param>
public sealed class Browser(IMessageSink output) : IAsyncLifetime
{
    /// <summary>Milliseconds: as patient as <see cref="Eventually"/>, for a machine that has much else to do.</summary>
    private const float Patience = 120_000;

    private const string Missing = "No Chromium on this machine: install it, or name it in PAYMENTSIM_TEST_CHROMIUM.";

    /// <summary>Where Debian and others put it; <c>PAYMENTSIM_TEST_CHROMIUM</c> names another place.</summary>
    private static readonly string?[] Places =
        [Environment.GetEnvironmentVariable("PAYMENTSIM_TEST_CHROMIUM"), "/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _opened;

    public async Task InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is not { } program)
        {
            output.OnMessage(new DiagnosticMessage("Tests of pages are skipped. " + Missing));
            return;
        }

        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = program,
            // Root may not use the sandbox; the rest keeps the browser from calling its maker.
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
    }

    /// <summary>
    /// A new page with its own cookies; the test is skipped where there is no browser. The page that was opened before is closed: one that follows what
    /// happens goes on with it when nobody looks.
    /// </summary>
    /// <param name="width">Pixels: 375 is a phone.</param>
    /// <param name="dark">Whether the person prefers dark pages.</param>
    public async Task<IPage> OpenAsync(string url, int width = 1200, bool dark = false)
    {
        Skip.If(_browser is null, Missing);
        if (_opened is not null) await _opened.DisposeAsync();
        var context = _opened = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        await page.GotoAsync(url);
        return page;
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

internal static class PageChecks
{
    /// <summary>Nothing reaches beyond the window's width.</summary>
    public static async Task ShouldNotScrollSidewaysAsync(this IPage page) =>
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth")).ShouldBeLessThanOrEqualTo(0, page.Url);
}
