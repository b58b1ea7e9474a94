using System.Text;
using PaymentSim.Core.Network;

namespace PaymentSim.Core.Charges;

/// <summary>
/// What is kept of cards, and which test card that was: its fingerprint says so, without the number. Nobody but this installation's key can tell.
/// </summary>
internal sealed class CardReader
{
    private const int DefaultExpiryMonth = 12;

    private readonly SecretBox _secrets;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, TestCard> _byFingerprint;
    private readonly Dictionary<string, string> _fingerprints;

    public CardReader(SecretBox secrets, TimeProvider clock)
    {
        (_secrets, _clock) = (secrets, clock);
        // Of test cards' numbers, which everybody knows: a charge need not reckon its own.
        _fingerprints = TestCards.All.ToDictionary(card => card.Number, card => Fingerprint(card.Number));
        _byFingerprint = TestCards.All.ToDictionary(card => _fingerprints[card.Number]);
    }

    /// <summary>Card data as typed, before anybody asked its issuer.</summary>
    /// <exception cref="ProblemException">It cannot be right, or may be a real card.</exception>
    public CardSnapshot Read(ChargeSource typed) =>
        Authorize(new CardEntry(typed.Number!, typed.ExpMonth!.Value, typed.ExpYear!.Value, typed.Cvc)) switch
        {
            Authorization.Answered answered => Keep(answered.Card, typed) with { CvcCheck = typed.Cvc is null ? null : "unchecked" },
            Authorization.Refused refused => throw new ProblemException(SourceResolver.ToProblem(refused.Decline)),
            var other => throw new InvalidOperationException($"Unknown authorization {other.GetType()}."),
        };

    public Authorization Authorize(CardEntry entry) => CardNetwork.Authorize(entry, Today.Year, Today.Month);

    /// <summary>A card that only its number is known of.</summary>
    public Authorization Authorize(string number) => Authorize(new CardEntry(number, DefaultExpiryMonth, DefaultExpiryYear, null));

    /// <summary>What may be kept of a card. Its security code is taken for right unless told.</summary>
    /// <param name="source">How it was given: typed, or by a name.</param>
    public CardSnapshot Keep(TestCard card, ChargeSource source) => new()
    {
        Brand = card.Brand,
        Last4 = card.Last4,
        ExpMonth = (int)(source.ExpMonth ?? DefaultExpiryMonth),
        ExpYear = source.ExpYear is { } year ? (int)(year < 100 ? 2000 + year : year) : DefaultExpiryYear,
        Funding = card.Funding,
        Country = card.Country,
        Fingerprint = _fingerprints[card.Number],
        CvcCheck = source.Token is null && source.Cvc is null ? null : "pass",
        HolderName = source.Name,
        Address = source.Token is null ? source.Address : null,
    };

    /// <summary>The test card that was kept.</summary>
    public TestCard CardOf(CardSnapshot kept) => _byFingerprint[kept.Fingerprint];

    public string Fingerprint(string number) =>
        Convert.ToBase64String(_secrets.Mac("fingerprint", Encoding.UTF8.GetBytes(number)))[..16].Replace('+', 'x').Replace('/', 'z');

    private DateTimeOffset Today => _clock.GetUtcNow();

    private int DefaultExpiryYear => Today.Year + 3;
}
