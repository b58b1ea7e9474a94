using FluentValidation;

namespace PaymentSim.Core;

/// <summary>A merchant's own keys and values on an object: 50 keys, names of 40 characters, values of 500.</summary>
public static class Metadata
{
    public const int MaxKeys = 50;
    public const int MaxKeyLength = 40;
    public const int MaxValueLength = 500;

    /// <summary>
    /// What an update leaves: given keys are set, keys given with an empty value are removed, the rest stays; an empty map given for
    /// the whole parameter removes everything.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Merge(
        IReadOnlyDictionary<string, string> current, IReadOnlyDictionary<string, string>? update)
    {
        if (update is null) return current;
        if (update.Count == 0) return new Dictionary<string, string>();
        var merged = new Dictionary<string, string>(current);
        foreach (var (key, value) in update)
        {
            if (string.IsNullOrEmpty(value)) merged.Remove(key);
            else merged[key] = value;
        }

        return merged.Count <= MaxKeys
            ? merged
            : throw new ProblemException(Problem.Invalid($"Metadata can have up to {MaxKeys} keys; this update would make {merged.Count}.", "metadata"));
    }
}

internal sealed class MetadataValidator : AbstractValidator<IReadOnlyDictionary<string, string>>
{
    public MetadataValidator()
    {
        RuleFor(map => map).Custom((map, rule) =>
        {
            if (map.Count > Metadata.MaxKeys)
                Fail($"Metadata can have up to {Metadata.MaxKeys} keys; {map.Count} were given.", "metadata");
            foreach (var (key, value) in map)
            {
                if (key.Length is 0 or > Metadata.MaxKeyLength)
                    Fail($"Metadata keys must have 1 to {Metadata.MaxKeyLength} characters; one has {key.Length}.", "metadata");
                else if (value?.Length > Metadata.MaxValueLength)
                    Fail($"Metadata values can have at most {Metadata.MaxValueLength} characters; '{key}' has {value.Length}.", $"metadata[{key}]");
            }

            void Fail(string message, string param) =>
                rule.AddFailure(new FluentValidation.Results.ValidationFailure(param, message) { CustomState = Problem.Invalid(message, param) });
        });
    }
}
