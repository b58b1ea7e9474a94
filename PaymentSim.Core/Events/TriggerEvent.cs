using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Expansion;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Events;

/// <summary>
/// Records an event of any type, as if it had happened, and sends its webhooks; no object is changed. Its object is the one that is named, or one with nothing
/// but an id, and with the members that are given in place of its own.
/// </summary>
public sealed partial record TriggerEvent : ICommand<EventObject>
{
    /// <summary>For example <c>charge.succeeded</c>, or one that the simulator never records itself: <c>invoice.paid</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The id of one of the merchant's objects: the event is about it as it is now.</summary>
    public string? Object { get; init; }

    /// <summary>Members of the event's object: they take the place of what it has; objects are merged.</summary>
    public JsonElement? Data { get; init; }

    public JsonElement? PreviousAttributes { get; init; }

    [GeneratedRegex(@"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\z")]
    internal static partial Regex TypeShape();
}

internal sealed class TriggerEventValidator : AbstractValidator<TriggerEvent>
{
    private const int LongestType = 100;

    public TriggerEventValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Type)
            .NotEmpty().WithMessage("Missing required param: type.").WithCode(ProblemCode.ParameterMissing)
            .Must(type => type!.Length <= LongestType && TriggerEvent.TypeShape().IsMatch(type))
            .WithMessage("Invalid type: an event's type looks like charge.succeeded.");
        RuleFor(c => c.Data).Must(IsObject).WithMessage("Invalid object: data must have named parts.");
        RuleFor(c => c.PreviousAttributes).Must(IsObject).WithMessage("Invalid object: previous_attributes must have named parts.");
    }

    private static bool IsObject(JsonElement? value) => value is null || value.Value.ValueKind == JsonValueKind.Object;
}

internal sealed class TriggerEventHandler(
    RequestContext context, IEnumerable<IExpansion> objects, EventLog log, EventStore events, Ids ids, TimeProvider clock)
    : IRequestHandler<TriggerEvent, EventObject>
{
    /// <summary>Resources whose events are named after what they belong to.</summary>
    private static readonly string[] Owners = ["charge.", "customer."];

    public async Task<EventObject> Handle(TriggerEvent request, CancellationToken cancellationToken)
    {
        var wireObject = Text.NullIfEmpty(request.Object) is { } named ? await FindAsync(named) : MakeUp(request.Type!);
        if (request.Data is { } data) Merge(wireObject, JsonObject.Create(data)!);
        var objectId = wireObject["id"] is JsonValue value && value.TryGetValue<string>(out var given) ? given : "";
        var id = await log.AppendAsync(context.MerchantId, request.Type!, objectId, wireObject, request.PreviousAttributes);
        var pending = await events.CountPendingAsync([id]);
        return EventObject.Of((await events.FindAsync(context.MerchantId, id))!, pending.GetValueOrDefault(id));
    }

    private async Task<JsonObject> FindAsync(string id)
    {
        foreach (var kind in objects)
        {
            if (!(await kind.LoadAsync(context.MerchantId, [id])).TryGetValue(id, out var found)) continue;
            var json = JsonSerializer.SerializeToNode(found, found.GetType(), CoreJson.Options)!.AsObject();
            // Lists go by the id of what they belong to.
            if (json["id"]?.GetValue<string>() == id) return json;
        }

        throw new ProblemException(Problem.Missing("object", id, "object") with { Kind = ProblemKind.InvalidRequest });
    }

    private JsonObject MakeUp(string type)
    {
        var resource = type[..type.LastIndexOf('.')];
        var name = Owners.FirstOrDefault(owner => resource.StartsWith(owner, StringComparison.Ordinal)) is { } owner ? resource[owner.Length..] : resource;
        return new JsonObject
        {
            ["id"] = ids.New("test"),
            ["object"] = name,
            ["created"] = clock.GetUtcNow().ToUnixTimeSeconds(),
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
        };
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject part && into[name] is JsonObject current) Merge(current, part);
            else into[name] = Alike(value, into[name]);
        }
    }

    /// <summary>Forms know only text: one that takes the place of a number or of true or false becomes such a one where it can.</summary>
    private static JsonNode? Alike(JsonNode? value, JsonNode? replaced)
    {
        if (value?.GetValueKind() != JsonValueKind.String) return value?.DeepClone();
        var text = value.GetValue<string>();
        return replaced?.GetValueKind() switch
        {
            JsonValueKind.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            JsonValueKind.True or JsonValueKind.False when bool.TryParse(text, out var flag) => flag,
            _ => text,
        };
    }
}
