using MediatR;

namespace PaymentSim.Core.Pipeline;

/// <summary>A use case that writes: it is validated, runs as one write unit, and honours the idempotency key.</summary>
public interface ICommand<out TResult> : IRequest<TResult>;

/// <summary>
/// A use case that takes many write units, so that others are not held up meanwhile: it is validated and honours the idempotency key. What it has done
/// when it is broken off stays done.
/// </summary>
public interface ILongCommand<out TResult> : IRequest<TResult>;

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

/// <summary>A request whose answer can have objects in place of their ids.</summary>
public interface IExpands
{
    /// <summary>Fields to expand, such as <c>customer</c>, <c>customer.default_source</c>, or on lists <c>data.customer</c>.</summary>
    IReadOnlyList<string>? Expand { get; }
}

/// <summary>A result that holds the wire's object beside other things.</summary>
public interface IHoldsObject
{
    /// <summary>Null where there is none this time.</summary>
    object? Held { get; }
}

/// <inheritdoc/>
/// <typeparam name="T">The object's type.</typeparam>
public interface IHoldsObject<out T> : IHoldsObject
    where T : class;
