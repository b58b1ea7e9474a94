using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Api.Hosting;

public sealed class SweeperTests
{
    [Fact]
    public async Task A_running_simulator_gives_space_back_that_it_no_longer_needs()
    {
        const int Much = 20_000_000;
        using var folder = new TempFolder();
        await using var simulator = await Simulator.StartAsync(folder);
        var (database, merchant) = (simulator.Get<Database>(), simulator.NewMerchant());
        var first = (await merchant.ChargeAsync()).ShouldBe(200);
        await database.WriteAsync(() => database.ExecuteAsync($"CREATE TABLE ballast AS SELECT zeroblob({Much}) AS bytes"));
        (await SizeAsync()).ShouldBeGreaterThan(Much);

        await database.WriteAsync(() => database.ExecuteAsync("DROP TABLE ballast"));

        await Eventually.HoldsAsync(SizeAsync, size => size < Much / 4, "the file is smaller");
        (await merchant.ChargeAsync()).ShouldBe(200);
        (await merchant.IdsAsync("/v1/charges")).ShouldContain(first.Id);

        async Task<long> SizeAsync() => await database.FirstOrDefaultAsync<long>("PRAGMA page_count") * await database.FirstOrDefaultAsync<long>("PRAGMA page_size");
    }
}
