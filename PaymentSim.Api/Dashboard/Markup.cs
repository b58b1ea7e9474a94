using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Hangfire.Dashboard;

namespace PaymentSim.Api.Dashboard;

/// <summary>
/// HTML that is safe to show: made of interpolated texts of which only what the program itself wrote is taken as it stands. Everything that is put in
/// is encoded, unless it is markup itself, so that what others chose (URLs, answers, names) can never become part of a page's code.
/// </summary>
internal readonly record struct Markup(string Html)
{
    public static readonly Markup Empty = new("");

    /// <summary><c>Markup.Of($"&lt;b&gt;{text}&lt;/b&gt;")</c>.</summary>
    public static Markup Of(Builder builder) => new(builder.ToString());

    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.Html)));

    /// <summary>For Hangfire's pages.</summary>
    public NonEscapedString ToNonEscaped() => new(Html ?? "");

    public override string ToString() => Html ?? "";

    /// <summary>What the compiler makes of <c>$"…"</c>.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Builder(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _html = new(literalLength + formattedCount * 16);

        public void AppendLiteral(string text) => _html.Append(text);

        public void AppendFormatted(Markup markup) => _html.Append(markup.Html);

        public void AppendFormatted(NonEscapedString markup) => _html.Append(markup);

        public void AppendFormatted<T>(T value) => Encode(value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString());

        public void AppendFormatted<T>(T value, string format)
            where T : IFormattable => Encode(value.ToString(format, CultureInfo.InvariantCulture));

        public override string ToString() => _html.ToString();

        // Browsers read line ends of pages their own way: as references they stay what they are.
        private void Encode(string? text) => _html.Append(WebUtility.HtmlEncode(text)?.Replace("\r", "&#13;", StringComparison.Ordinal));
    }
}
