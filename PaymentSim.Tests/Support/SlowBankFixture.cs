namespace PaymentSim.Tests.Support;

/// <summary>One simulator on each engine whose bank does not answer by itself while a test runs.</summary>
public sealed class SlowBankFixture : SimulatorFixture
{
    protected override string[] Settings => ["--PaymentSim:BankDebitDelay=1h"];
}
