using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Core.PaymentIntents;

/// <summary>What lets a browser act on one intent: the intent's id, <c>_secret_</c> and 25 random characters.</summary>
internal static class ClientSecret
{
    private const string Mark = "_secret_";
    private const int Length = 25;

    public static string New(string intentId) => intentId + Mark + Ids.Secret(Length);

    /// <summary>The id of the intent that a secret is for, or null where it is none.</summary>
    public static string? IntentOf(string secret) => secret.IndexOf(Mark, StringComparison.Ordinal) is > 0 and var at ? secret[..at] : null;

    public static bool Matches(string secret, string? given) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(given));

    /// <summary>Who came with a publishable key must know the secret, and a secret that is given must be right.</summary>
    /// <exception cref="ProblemException">It is not.</exception>
    public static void Check(RequestContext context, string secret, string? given)
    {
        if (given is null && !context.IsPublishable) return;
        if (given is null)
            throw new ProblemException(Problem.Invalid("Missing required param: client_secret.", "client_secret", ProblemCode.ParameterMissing));
        if (!Matches(secret, given))
        {
            throw new ProblemException(Problem.Invalid(
                "The client_secret that was given is not this intent's.", "client_secret", ProblemCode.ResourceMissing));
        }
    }
}
