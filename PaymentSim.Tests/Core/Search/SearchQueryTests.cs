using PaymentSim.Core;
using PaymentSim.Core.Search;

namespace PaymentSim.Tests.Core.Search;

public sealed class SearchQueryTests
{
    [Theory]
    [InlineData("email:\"a@b.example\"", "email Equal a@b.example")]
    [InlineData("  email:\"a b\"  ", "email Equal a b")]
    [InlineData("email:'a b'", "email Equal a b")]
    [InlineData("metadata['k']:'it\\'s'", "metadata[k] Equal it's")]
    [InlineData("name:'a \"b\"'", "name Equal a \"b\"")]
    [InlineData("-email:\"a\"", "-email Equal a")]
    [InlineData("email~\"amy\"", "email Contains amy")]
    [InlineData("amount>1000", "amount Greater 1000")]
    [InlineData("amount>=\"1000\"", "amount GreaterOrEqual 1000")]
    [InlineData("amount<-5", "amount Less -5")]
    [InlineData("amount<=0", "amount LessOrEqual 0")]
    [InlineData("refunded:true", "refunded Equal true")]
    [InlineData("customer:null", "customer Equal (null)")]
    [InlineData("customer:NULL", "customer Equal (null)")]
    [InlineData("customer:\"null\"", "customer Equal null")]
    [InlineData("metadata[\"a b\"]:\"c\"", "metadata[a b] Equal c")]
    [InlineData("-metadata[\"k\"]:null", "-metadata[k] Equal (null)")]
    [InlineData("metadata[\"a\\\"b\"]:\"c\\\\d\\\"\"", "metadata[a\"b] Equal c\\d\"")]
    [InlineData("name:\"AND\" AND email:\"x\"", "name Equal AND & email Equal x")]
    [InlineData("name:\"x\" email:\"y\"", "name Equal x & email Equal y")]
    [InlineData("name:\"x\" and email:\"y\" phone:\"z\"", "name Equal x & email Equal y & phone Equal z")]
    [InlineData("name:\"x\" OR -email:\"y\" or phone:\"z\"", "name Equal x | -email Equal y | phone Equal z")]
    [InlineData("payment_method_details.card.last4:\"4242\"", "payment_method_details.card.last4 Equal 4242")]
    public void A_query_is_read(string text, string expected)
    {
        var query = SearchQuery.Parse(text);

        string.Join(query.Any ? " | " : " & ", query.Clauses.Select(clause =>
            $"{(clause.Negated ? "-" : "")}{clause.Field}{(clause.Key is null ? "" : $"[{clause.Key}]")} {clause.Operator} {clause.Value ?? "(null)"}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("email")]
    [InlineData("email:")]
    [InlineData("email \"x\"")]
    [InlineData("email:x")]
    [InlineData("email:\"x")]
    [InlineData("email:\"x\"y")]
    [InlineData("email:\"x\" AND")]
    [InlineData("email:\"x\" AND ")]
    [InlineData("AND email:\"x\"")]
    [InlineData("OR")]
    [InlineData(":\"x\"")]
    [InlineData("--email:\"x\"")]
    [InlineData("Email:\"x\"")]
    [InlineData("email::\"x\"")]
    [InlineData("email==\"x\"")]
    [InlineData("(email:\"x\")")]
    [InlineData("metadata:\"x\"")]
    [InlineData("metadata[k]:\"x\"")]
    [InlineData("metadata[\"k\":\"x\"")]
    [InlineData("name[\"k\"]:\"x\"")]
    [InlineData("email:\"x\";--")]
    public void What_is_no_query_is_refused(string text) => RefusedAs(text, "We were unable to parse your search query. Try using the format");

    [Theory]
    [InlineData("name:\"x\" AND email:\"y\" OR phone:\"z\"")]
    [InlineData("name:\"x\" OR email:\"y\" AND phone:\"z\"")]
    [InlineData("name:\"x\" email:\"y\" OR phone:\"z\"")]
    [InlineData("name:\"x\" OR email:\"y\" phone:\"z\"")]
    public void And_and_or_are_not_mixed(string text) => RefusedAs(text, "You cannot mix AND and OR in one search query.");

    [Fact]
    public void A_query_has_at_most_ten_clauses()
    {
        SearchQuery.Parse(string.Join(' ', Enumerable.Repeat("amount:1", 10))).Clauses.Count.ShouldBe(10);
        RefusedAs(string.Join(' ', Enumerable.Repeat("amount:1", 11)), "A search query can have up to 10 clauses; 11 were given.");
    }

    private static void RefusedAs(string text, string message)
    {
        var refused = Should.Throw<ProblemException>(() => SearchQuery.Parse(text)).Problem;
        (refused.Kind, refused.Param).ShouldBe((ProblemKind.InvalidRequest, "query"));
        refused.Message.ShouldStartWith(message);
    }
}
