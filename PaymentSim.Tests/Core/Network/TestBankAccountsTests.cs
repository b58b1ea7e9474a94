using PaymentSim.Core.Network;

namespace PaymentSim.Tests.Core.Network;

public sealed class TestBankAccountsTests
{
    [Theory]
    [InlineData("110000000", true)]
    [InlineData("021000021", true)]
    [InlineData("011401533", true)]
    [InlineData("021000022", false)]
    [InlineData("120000000", false)]
    [InlineData("11000000", false)]
    [InlineData("1100000000", false)]
    [InlineData("11000000a", false)]
    [InlineData("١١٠٠٠٠٠٠٠", false)]
    [InlineData("", false)]
    public void A_routing_number_has_nine_digits_and_the_right_check_digit(string digits, bool right) => TestBankAccounts.IsRoutingNumber(digits).ShouldBe(right);

    [Fact]
    public void Accounts_are_found_by_their_numbers_and_by_each_of_their_names()
    {
        foreach (var account in TestBankAccounts.All)
        {
            TestBankAccounts.FindByNumber(account.Number).ShouldBe(account);
            account.Names.ShouldAllBe(name => TestBankAccounts.FindByName(name) == account);
            account.Last4.ShouldBe(account.Number[^4..]);
        }

        TestBankAccounts.FindByNumber("000123456788").ShouldBeNull();
    }

    [Fact]
    public void Every_test_iban_is_one_and_is_found_by_it_and_by_each_of_its_names()
    {
        foreach (var account in TestIbans.All)
        {
            TestIbans.IsIban(account.Number).ShouldBeTrue(account.Number);
            TestIbans.Find(string.Join(' ', account.Number.ToLowerInvariant().Chunk(4).Select(part => new string(part)))).ShouldBe(account);
            account.Names.ShouldAllBe(name => TestIbans.FindByName(name) == account);
            account.Number.ShouldStartWith(account.Country);
        }

        TestIbans.All.Select(account => account.Number).ShouldBeUnique();
    }

    [Theory]
    [InlineData("DE89370400440532013001")]
    [InlineData("DE8937040044053201300١")]
    [InlineData("GB00")]
    [InlineData("")]
    public void What_fails_the_check_is_no_iban(string text)
    {
        TestIbans.IsIban(text).ShouldBeFalse();
        TestIbans.Find(text).ShouldBeNull();
    }
}
