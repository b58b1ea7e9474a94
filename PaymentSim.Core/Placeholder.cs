namespace PaymentSim.Core; public sealed class Placeholder;
