using System.Text.Json;
using PaymentSim.Core;

namespace PaymentSim.Tests.Support;

public static class WireAssertions
{
    /// <summary>Both are the same on the wire.</summary>
    public static void ShouldBeWire<T>(this T actual, T expected) =>
        JsonSerializer.Serialize(actual, CoreJson.Options).ShouldBe(JsonSerializer.Serialize(expected, CoreJson.Options));
}
