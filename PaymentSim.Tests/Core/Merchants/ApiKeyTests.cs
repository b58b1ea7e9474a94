using PaymentSim.Core.Merchants;

namespace PaymentSim.Tests.Core.Merchants;

public sealed class ApiKeyTests
{
    [Fact]
    public void A_generated_key_is_well_formed_and_never_the_same()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => ApiKey.Generate()).ToList();

        keys.ShouldAllBe(key => ApiKey.IsWellFormed(key) && key.Length == 48);
        keys.Distinct().Count().ShouldBe(100);
    }

    [Theory]
    [InlineData("sk_test_1", true)]
    [InlineData("sk_test_A-b_9", true)]
    [InlineData("sk_test_", false)]
    [InlineData("sk_live_1", false)]
    [InlineData("pk_test_1", false)]
    [InlineData("SK_TEST_1", false)]
    [InlineData(" sk_test_1", false)]
    [InlineData("sk_test_1 2", false)]
    [InlineData("sk_test_ä", false)]
    [InlineData("", false)]
    public void A_key_begins_with_its_prefix_and_has_nothing_strange_in_it(string key, bool wellFormed) => ApiKey.IsWellFormed(key).ShouldBe(wellFormed);

    [Theory]
    [InlineData("\n")]
    [InlineData("\0")]
    public void A_key_that_ends_with_a_control_character_is_none(string end) => ApiKey.IsWellFormed("sk_test_1" + end).ShouldBeFalse();

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void A_key_has_at_most_200_characters_after_its_prefix(int length, bool wellFormed) =>
        ApiKey.IsWellFormed(ApiKey.Prefix + new string('x', length)).ShouldBe(wellFormed);

    [Theory]
    [InlineData("sk_test_abcdefghijkl", "sk_test_****ijkl")]
    [InlineData("sk_test_abcde", "sk_test_****bcde")]
    [InlineData("sk_test_abcd", "sk_test_****")]
    [InlineData("hunter2", "sk_test_****")]
    [InlineData("", "sk_test_****")]
    public void A_hint_shows_a_keys_last_four_characters_at_most(string key, string hint) => ApiKey.Hint(key).ShouldBe(hint);
}
