using System.Text.Json;
using PaymentSim.Core;
using PaymentSim.Core.Storage;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Storage;

/// <summary>Texts that are written when their statement takes them are, on every engine, what they would have been as strings.</summary>
public sealed class StoredTextTests : IDisposable
{
    private const string Odd = "Grüße, \"Ωμέγα\" <b>&amp;</b> 🎉 \\ \n \u007f";

    private readonly TempFolder _folder = new();
    private readonly Database _database;

    public StoredTextTests()
    {
        _database = Databases.OpenOfEngine(_folder);
        _database.WriteAsync(() => _database.ExecuteAsync("CREATE TABLE texts (id BIGINT NOT NULL PRIMARY KEY, one TEXT, two TEXT)")).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        ((IDisposable)_database).Dispose();
        _folder.Dispose();
    }

    [EngineFact]
    public async Task A_value_is_stored_as_its_JSON_and_each_of_several_as_its_own()
    {
        var first = new Dictionary<string, string> { ["a"] = Odd, [Odd] = "" };
        // Longer than any buffer that is kept, between two short ones.
        string[] second = [.. Enumerable.Repeat(Odd, 10_000)];

        await _database.WriteAsync(async () =>
        {
            await StoreAsync(1, StoredText.Json(first), StoredText.Json(second));
            await StoreAsync(2, StoredText.Json<object?>(null), StoredText.Json((object)first));
            await StoreAsync(3, StoredText.Json(7), null);
        });

        var json = JsonSerializer.Serialize(first, CoreJson.Options);
        (await RowsAsync()).ShouldBe([(1, json, JsonSerializer.Serialize(second, CoreJson.Options)), (2, "null", json), (3, "7", null)]);
    }

    [EngineFact]
    public async Task A_given_text_is_stored_as_it_stands()
    {
        await _database.WriteAsync(() => StoreAsync(1, StoredText.Of(Odd), StoredText.Of("")));

        (await RowsAsync()).ShouldBe([(1, Odd, "")]);
    }

    [EngineFact]
    public async Task One_that_cannot_be_written_fails_its_unit_and_harms_no_other()
    {
        await Should.ThrowAsync<Exception>(_database.WriteAsync(() => StoreAsync(1, StoredText.Json(new Broken()), null)));
        await _database.WriteAsync(() => StoreAsync(2, StoredText.Json(new[] { 1, 2 }), null));

        (await RowsAsync()).ShouldBe([(2, "[1,2]", null)]);
    }

    private Task StoreAsync(long id, StoredText? one, StoredText? two) =>
        _database.SendAsync("INSERT INTO texts (id, one, two) VALUES (@id, @one, @two)", new { id, one, two });

    private async Task<IEnumerable<(long Id, string? One, string? Two)>> RowsAsync() =>
        (await _database.QueryAsync<Row>("SELECT * FROM texts ORDER BY id")).Select(row => (row.Id, row.One, row.Two));

    private sealed record Row
    {
        public long Id { get; init; }

        public string? One { get; init; }

        public string? Two { get; init; }
    }

    private sealed class Broken
    {
        public string Before { get; } = Odd;

        public string Value => throw new InvalidTimeZoneException();
    }
}
