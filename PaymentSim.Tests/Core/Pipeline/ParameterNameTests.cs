using PaymentSim.Core.Pipeline;

namespace PaymentSim.Tests.Core.Pipeline;

public sealed class ParameterNameTests
{
    [Theory]
    [InlineData("Amount", "amount")]
    [InlineData("StatementDescriptorSuffix", "statement_descriptor_suffix")]
    [InlineData("EnabledEvents[0]", "enabled_events[0]")]
    [InlineData("Source.ExpMonth", "source[exp_month]")]
    [InlineData("Shipping.Address.PostalCode", "shipping[address][postal_code]")]
    [InlineData("Items[2].Price", "items[2][price]")]
    [InlineData("amount", "amount")]
    [InlineData("", "")]
    public void A_propertys_name_becomes_the_wires(string property, string name) => ParameterName.Of(property).ShouldBe(name);
}
