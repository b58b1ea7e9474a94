using PaymentSim.Core.Events;

namespace PaymentSim.Core.Webhooks;

/// <summary>
/// An endpoint's <c>enabled_events</c>, made ready: every event is held against it. <c>*</c> is every type, <c>charge.*</c> every type below <c>charge</c>
/// (<c>charge.dispute.created</c> too), anything else the one type of this name.
/// </summary>
internal sealed class EventFilter
{
    private const string Below = ".*";

    private readonly bool _all;
    private readonly string[] _prefixes;
    private readonly HashSet<string> _types;

    public EventFilter(IReadOnlyList<string> wanted)
    {
        _all = wanted.Contains(EventTypes.All);
        // With its dot: charge.* is not about charges.paid.
        _prefixes = [.. wanted.Where(name => name.EndsWith(Below, StringComparison.Ordinal)).Select(name => name[..^1])];
        _types = [.. wanted];
    }

    public bool Takes(string type)
    {
        if (_all || _types.Contains(type)) return true;
        foreach (var prefix in _prefixes)
        {
            if (type.StartsWith(prefix, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
