using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaymentSim.Core.Expansion;

/// <summary>Puts objects in the place of the ids that name them: one query per field and kind, however many objects have the field.</summary>
internal sealed class Expander(IEnumerable<IExpansion> expansions)
{
    private readonly Dictionary<Type, IExpansion> _expansions = expansions.ToDictionary(expansion => expansion.Kind);

    /// <summary>A wire object, or a page of them, as JSON with these fields expanded.</summary>
    public async Task<JsonObject> ExpandAsync(string merchantId, object answer, Type type, ExpandPaths paths)
    {
        var json = JsonSerializer.SerializeToNode(answer, type, CoreJson.Options)!.AsObject();
        await ExpandAsync(merchantId, [json], type, paths);
        return json;
    }

    private async Task ExpandAsync(string merchantId, IReadOnlyList<JsonObject> owners, Type type, ExpandPaths paths)
    {
        foreach (var (name, further) in paths.Fields)
        {
            // A field of several kinds: not each has every field behind it.
            if (WireType.Of(type).Find(name) is not { } field) continue;
            if (field.Part is { } part)
            {
                var parts = owners.SelectMany(owner => PartsOf(owner[name])).ToList();
                if (parts.Count > 0 && !further.IsEmpty) await ExpandAsync(merchantId, parts, part, further);
            }

            if (field.Expandable is { } expandable)
            {
                foreach (var kind in expandable.Kinds) await LoadAsync(merchantId, owners, field, kind, further);
            }
        }
    }

    private async Task LoadAsync(string merchantId, IReadOnlyList<JsonObject> owners, WireType.Field field, Type kind, ExpandPaths further)
    {
        var wanted = owners.Select(owner => (Owner: owner, Id: IdIn(owner, field.Expandable!.ByOwner ? "id" : field.Name))).Where(pair => pair.Id is not null).ToList();
        if (wanted.Count == 0) return;

        var found = await _expansions[kind].LoadAsync(merchantId, [.. wanted.Select(pair => pair.Id!).Distinct()]);
        var put = new List<JsonObject>();
        foreach (var (owner, id) in wanted)
        {
            if (!found.TryGetValue(id!, out var value)) continue;
            var json = JsonSerializer.SerializeToNode(value, value.GetType(), CoreJson.Options)!.AsObject();
            owner[field.Name] = json;
            if (kind.IsInstanceOfType(value)) put.Add(json);
        }

        if (put.Count > 0 && !further.IsEmpty) await ExpandAsync(merchantId, put, kind, further);
    }

    private static string? IdIn(JsonObject owner, string name) => owner[name] is JsonValue value && value.TryGetValue<string>(out var id) ? id : null;

    private static IEnumerable<JsonObject> PartsOf(JsonNode? value) => value switch
    {
        JsonObject part => [part],
        JsonArray list => list.OfType<JsonObject>(),
        _ => [],
    };
}
