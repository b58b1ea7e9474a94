namespace PaymentSim.Core.Expansion;

/// <summary>Which fields a request asks to expand, as a tree: what two paths share is loaded once.</summary>
internal sealed class ExpandPaths
{
    private const int MaxDepth = 4;
    private const string ListPrefix = "data.";

    private readonly Dictionary<string, ExpandPaths> _fields = [];

    public IEnumerable<KeyValuePair<string, ExpandPaths>> Fields => _fields;

    public bool IsEmpty => _fields.Count == 0;

    public static ExpandPaths Of(IEnumerable<string> paths)
    {
        var root = new ExpandPaths();
        foreach (var path in paths)
        {
            var node = root;
            foreach (var name in path.Split('.'))
            {
                if (!node._fields.TryGetValue(name, out var next)) node._fields[name] = next = new ExpandPaths();
                node = next;
            }
        }

        return root;
    }

    /// <summary>Whether an answer of this type can be expanded by these paths.</summary>
    /// <exception cref="ProblemException">One of them is too long, or names a field that there is not, or that cannot be expanded.</exception>
    public static void Check(Type answer, IReadOnlyList<string> paths)
    {
        for (var i = 0; i < paths.Count; i++)
        {
            var path = paths[i];
            var names = path.Split('.');
            if (names.Length - (path.StartsWith(ListPrefix, StringComparison.Ordinal) ? 1 : 0) > MaxDepth)
                throw Refused($"You cannot expand more than {MaxDepth} levels of a property. Property: {path}", i);
            if (!Reaches(answer, names)) throw Refused($"This property cannot be expanded ({path}).", i);
        }
    }

    private static bool Reaches(Type type, ReadOnlySpan<string> names)
    {
        if (WireType.Of(type).Find(names[0]) is not { } field) return false;
        if (names.Length == 1) return field.Expandable is not null;
        foreach (var next in field.Next)
        {
            if (Reaches(next, names[1..])) return true;
        }

        return false;
    }

    private static ProblemException Refused(string message, int index) => new(Problem.Invalid(message, $"expand[{index}]"));
}
