namespace PaymentSim.Core.Balance;

/// <summary>What the simulated processor keeps, in minor units of the charge's own currency: there is no exchange.</summary>
internal static class Fees
{
    /// <summary>Of a dispute that takes money; given back with it when the dispute is won.</summary>
    public const long Dispute = 1500;

    /// <summary><see cref="OfPayment"/> of a charge's row. What is written into both must stay the same for as long as there are rows.</summary>
    public const string SqlOfCharge = "((amount_captured * 29 + 500) / 1000 + 30)";

    /// <summary>2.9 % and 30 of a payment: the real processor's price of a card payment in the US.</summary>
    public static long OfPayment(long amount) => (amount * 29 + 500) / 1000 + 30;
}
