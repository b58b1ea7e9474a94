namespace PaymentSim.Tests.Support;

internal static class IdAssertions
{
    /// <summary>Fails unless both hold the same ids, in any order; of thousands it shows only those that one of them lacks.</summary>
    public static void ShouldBeTheIds(this IReadOnlyCollection<string> actual, IReadOnlyCollection<string> expected)
    {
        expected.Except(actual).ShouldBeEmpty("missing");
        actual.Except(expected).ShouldBeEmpty("unexpected");
        actual.Count.ShouldBe(expected.Count, "some are there more than once");
    }
}
