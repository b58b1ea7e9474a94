using Bogus;

namespace MerchantDemo;

/// <param name="Amount">Price in cents.</param>
internal sealed record Product(string Id, string Name, long Amount, string Currency);

internal static class Products
{
    // A fixed seed: the same goods at the same prices at every start, so that old orders and tests stay meaningful.
    private const int Seed = 534030;

    public static IReadOnlyList<Product> All { get; } = Stock(count: 8);

    public static Product? Find(string? id) => All.FirstOrDefault(product => product.Id == id);

    private static List<Product> Stock(int count)
    {
        var faker = new Faker("en") { Random = new Randomizer(Seed) };
        return Enumerable.Range(1, count)
            .Select(number => new Product(
                $"prod_{number}",
                $"{faker.Commerce.ProductMaterial()} {faker.Commerce.Product()}",
                Amount: (faker.Random.Long(9, 120) * 100) + faker.Random.ArrayElement([0, 50, 90]),
                Currency: "usd"))
            .ToList();
    }
}
