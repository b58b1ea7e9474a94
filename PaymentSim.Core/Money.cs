using System.Globalization;

namespace PaymentSim.Core;

/// <summary>An amount in a currency's minor units (cents for usd, yen for jpy).</summary>
/// <param name="Amount">Minor units.</param>
/// <param name="Currency">ISO 4217 code in lower case.</param>
public readonly record struct Money(long Amount, string Currency)
{
    /// <summary>The amount as people write it: "$9.00", "¥500", "9.00 chf".</summary>
    public override string ToString()
    {
        var currency = Core.Currency.Find(Currency);
        var decimals = currency?.Decimals ?? 2;
        var major = Amount / (decimal)Math.Pow(10, decimals);
        var text = major.ToString("N" + decimals, CultureInfo.InvariantCulture);
        return currency?.Symbol is { } symbol ? symbol + text : $"{text} {Currency}";
    }
}

/// <summary>A currency that charges can be made in.</summary>
/// <param name="Code">ISO 4217 code in lower case.</param>
/// <param name="Decimals">Digits after the decimal point: how many minor units make one major unit, as a power of ten.</param>
/// <param name="Minimum">The smallest amount that can be charged, in minor units.</param>
/// <param name="Symbol">The sign written before an amount, where there is a usual one.</param>
public sealed record Currency(string Code, int Decimals, long Minimum, string? Symbol = null)
{
    /// <summary>The largest amount of a charge: eight digits of minor units.</summary>
    public const long Maximum = 99_999_999;

    private static readonly Dictionary<string, Currency> Known = Table();

    public static IReadOnlyCollection<Currency> All => Known.Values;

    public static Currency? Find(string? code) => code is not null && Known.TryGetValue(code, out var found) ? found : null;

    private static Dictionary<string, Currency> Table()
    {
        var table = new Dictionary<string, Currency>(StringComparer.OrdinalIgnoreCase);
        const string TwoDecimals =
            "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk "
            + "dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp "
            + "lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd "
            + "rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd xcg yer zar zmw";
        Add(TwoDecimals, 2);
        Add("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf", 0);
        Add("bhd jod kwd omr tnd", 3);

        // The lowest charge that processors accept, per currency (minor units); elsewhere one unit will do.
        foreach (var (code, minimum) in new (string, long)[]
                 {
                     ("usd", 50), ("aed", 200), ("aud", 50), ("bgn", 100), ("brl", 50), ("cad", 50), ("chf", 50), ("czk", 1500),
                     ("dkk", 250), ("eur", 50), ("gbp", 30), ("hkd", 400), ("huf", 17500), ("inr", 50), ("jpy", 50), ("mxn", 1000),
                     ("myr", 200), ("nok", 300), ("nzd", 50), ("pln", 200), ("ron", 200), ("sek", 300), ("sgd", 50), ("thb", 1000),
                 })
        {
            table[code] = table[code] with { Minimum = minimum };
        }

        foreach (var (code, symbol) in new[] { ("usd", "$"), ("eur", "€"), ("gbp", "£"), ("jpy", "¥"), ("inr", "₹"), ("krw", "₩") })
            table[code] = table[code] with { Symbol = symbol };
        return table;

        void Add(string codes, int decimals)
        {
            foreach (var code in codes.Split(' ')) table[code] = new Currency(code, decimals, Minimum: 1);
        }
    }
}
