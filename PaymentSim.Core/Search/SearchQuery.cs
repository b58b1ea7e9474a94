using System.Text;

namespace PaymentSim.Core.Search;

/// <summary>How a clause compares.</summary>
internal enum SearchOperator
{
    /// <summary><c>:</c></summary>
    Equal,

    /// <summary><c>~</c></summary>
    Contains,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,
}

/// <summary>One condition of a query.</summary>
/// <param name="Field">As it was written: <c>email</c>, <c>payment_method_details.card.last4</c>, <c>metadata</c>.</param>
/// <param name="Key">The key of the metadata.</param>
/// <param name="Value">Null: the field is not set.</param>
/// <param name="Negated">It began with a <c>-</c>.</param>
internal sealed record SearchClause(string Field, string? Key, SearchOperator Operator, string? Value, bool Negated);

/// <summary>
/// A query in the search language: clauses <c>field:"value"</c>, <c>field~"part"</c>, <c>field&gt;1</c>, <c>metadata["key"]:"value"</c>, <c>field:null</c>, each
/// with a <c>-</c> before it for its opposite, joined by <c>AND</c> (or nothing) or by <c>OR</c>, but not by both.
/// </summary>
/// <param name="Any">True: one clause that holds is enough. False: all must hold.</param>
internal sealed record SearchQuery(IReadOnlyList<SearchClause> Clauses, bool Any)
{
    public const string Metadata = "metadata";
    private const int MaxClauses = 10;

    /// <exception cref="ProblemException">The query is malformed, mixes AND with OR, or has more than ten clauses.</exception>
    public static SearchQuery Parse(string text) => new Reader(text).Read();

    internal static ProblemException Refused(string message) => new(Problem.Invalid(message, "query"));

    private ref struct Reader(string text)
    {
        private readonly string _text = text;
        private int _at;

        public SearchQuery Read()
        {
            var clauses = new List<SearchClause>();
            var (and, or) = (false, false);
            SkipSpace();
            do
            {
                if (clauses.Count > 0)
                {
                    var joinedByOr = TakeWord("OR");
                    if (!joinedByOr) TakeWord("AND");
                    (and, or) = (and || !joinedByOr, or || joinedByOr);
                }

                clauses.Add(ReadClause());
                SkipSpace();
            }
            while (_at < _text.Length);

            if (and && or) throw Refused("You cannot mix AND and OR in one search query.");
            return clauses.Count <= MaxClauses
                ? new SearchQuery(clauses, or)
                : throw Refused($"A search query can have up to {MaxClauses} clauses; {clauses.Count} were given.");
        }

        private SearchClause ReadClause()
        {
            var negated = Take('-');
            var field = TakeWhile(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.');
            if (field.Length == 0) throw Malformed();
            string? key = null;
            if (Take('['))
            {
                if (field != Metadata) throw Malformed();
                key = ReadQuoted();
                if (!Take(']')) throw Malformed();
            }
            else if (field == Metadata)
            {
                throw Malformed();
            }

            var comparison = ReadOperator();
            return new SearchClause(field, key, comparison, ReadValue(), negated);
        }

        private SearchOperator ReadOperator()
        {
            if (Take(':')) return SearchOperator.Equal;
            if (Take('~')) return SearchOperator.Contains;
            if (Take('>')) return Take('=') ? SearchOperator.GreaterOrEqual : SearchOperator.Greater;
            if (Take('<')) return Take('=') ? SearchOperator.LessOrEqual : SearchOperator.Less;
            throw Malformed();
        }

        /// <summary>A text in quotes of either kind, or a number, true, false or null without.</summary>
        private string? ReadValue()
        {
            if (_at < _text.Length && _text[_at] is '"' or '\'') return EndOfClause(ReadQuoted());
            var word = TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.').ToLowerInvariant();
            return EndOfClause(word switch
            {
                "null" => null,
                "true" or "false" => word,
                _ when word.Length > 0 && word.All(static c => char.IsAsciiDigit(c) || c is '-' or '.') => word,
                _ => throw Malformed(),
            });
        }

        private readonly string? EndOfClause(string? value) => _at == _text.Length || char.IsWhiteSpace(_text[_at]) ? value : throw Malformed();

        private string ReadQuoted()
        {
            var quote = Take('"') ? '"' : Take('\'') ? '\'' : throw Malformed();
            var value = new StringBuilder();
            while (_at < _text.Length && _text[_at] != quote)
            {
                if (_text[_at] == '\\' && _at + 1 < _text.Length && (_text[_at + 1] == quote || _text[_at + 1] == '\\')) _at++;
                value.Append(_text[_at++]);
            }

            return Take(quote) ? value.ToString() : throw Malformed();
        }

        private bool Take(char expected)
        {
            if (_at == _text.Length || _text[_at] != expected) return false;
            _at++;
            return true;
        }

        /// <summary>A word that is followed by space, with that space.</summary>
        private bool TakeWord(string word)
        {
            var end = _at + word.Length;
            if (end >= _text.Length || !char.IsWhiteSpace(_text[end])) return false;
            if (!_text.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
            _at = end;
            SkipSpace();
            return true;
        }

        private string TakeWhile(Func<char, bool> wanted)
        {
            var start = _at;
            while (_at < _text.Length && wanted(_text[_at])) _at++;
            return _text[start.._at];
        }

        private void SkipSpace() => TakeWhile(char.IsWhiteSpace);

        private static ProblemException Malformed() => Refused(
            "We were unable to parse your search query. Try using the format metadata[\"key\"]:\"value\" to query for metadata or key:\"value\" to query for other fields.");
    }
}
