using MerchantDemo;
using MerchantDemo.Pages;
using MerchantDemo.Webhooks;

try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = args,
        // appsettings.json and wwwroot lie next to the program, whatever folder it is started from.
        ContentRootPath = AppContext.BaseDirectory,
    });
    builder.AddShop(ShopSettings.From(builder.Configuration));

    await using var app = builder.Build();
    app.UseErrorPages();
    app.UseStaticFiles();

    app.MapShopPage();      // GET /                    choose a product and a card
    app.MapOrderPages();    // /orders, /orders/{id}    buy, watch the payment complete, retry
    app.MapOrderEvents();   // /orders/{id}/events      tells an open order page that a webhook arrived
    app.MapOrdersApi();     // /api/…, /health          the same for programs
    app.MapWebhooks();      // POST /webhooks           the only place where an order becomes paid or failed

    await app.OpenShopAsync();
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception problem) when (StartupProblem.Describe(problem) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
