using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace MerchantDemo.Pages;

/// <summary>
/// Finished markup. The only way to make some is <see cref="Of"/>, which encodes every value put into it, so a page
/// cannot forget to.
/// </summary>
internal sealed class Html
{
    private readonly string _markup;

    private Html(string markup) => _markup = markup;

    public static Html Empty { get; } = new("");

    public static Html Of(EncodingHandler markup) => new(markup.ToString());

    public override string ToString() => _markup;

    [InterpolatedStringHandler]
    internal readonly struct EncodingHandler(int literalLength, int holes)
    {
        private readonly StringBuilder _markup = new(literalLength + (holes * 16));

        public void AppendLiteral(string markup) => _markup.Append(markup);

        public void AppendFormatted(string? text) => _markup.Append(HtmlEncoder.Default.Encode(text ?? ""));

        public void AppendFormatted(long number) => _markup.Append(number.ToString(CultureInfo.InvariantCulture));

        public void AppendFormatted(Html markup) => _markup.Append(markup._markup);

        public void AppendFormatted(IEnumerable<Html> parts) => _markup.AppendJoin('\n', parts);

        public override string ToString() => _markup.ToString();
    }
}
