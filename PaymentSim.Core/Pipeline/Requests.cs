using MediatR;

namespace PaymentSim.Core.Pipeline;

/// <summary>A use case that writes: it is validated, runs as one write unit, and honours the idempotency key.</summary>
public interface ICommand<out TResult> : IRequest<TResult>;

/// <summary>A use case that only reads: it is validated and runs on a read-only connection.</summary>
public interface IQuery<out TResult> : IRequest<TResult>;

/// <summary>A request that may name a test token which makes the processor itself fail (<c>tok_429</c>, <c>tok_500</c>).</summary>
public interface IMayFault
{
    /// <summary>The fault to play, or null.</summary>
    Problem? Fault { get; }
}

/// <summary>A result that can be a failure of the processor's own, which an idempotency key must not remember.</summary>
public interface IMayBeTransient
{
    bool IsTransient { get; }
}

/// <summary>A result that holds a secret: it is only ever stored sealed.</summary>
public interface IHoldsSecret;
