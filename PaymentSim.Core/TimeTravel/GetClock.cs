using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.TimeTravel;

/// <summary>What time it is in the simulator.</summary>
public sealed record GetClock : IQuery<ClockObject>;

/// <summary>The simulator's time as PaymentSim's own part of the wire shows it.</summary>
public sealed record ClockObject
{
    public string Object { get; init; } = "test_helpers.clock";

    /// <summary>Unix seconds.</summary>
    public required long Now { get; init; }

    /// <summary>Seconds by which it is ahead of the real time, or behind it where it stands still.</summary>
    public required long Offset { get; init; }

    /// <summary>True: it stands still.</summary>
    public required bool Frozen { get; init; }

    /// <summary>False: something that became due is still under way, such as a webhook that its endpoint does not answer.</summary>
    public bool Complete { get; init; } = true;

    internal static ClockObject Of(TimeProvider clock) => new()
    {
        Now = clock.GetUtcNow().ToUnixTimeSeconds(),
        Offset = (long)Math.Round((clock.GetUtcNow() - clock.Reality().GetUtcNow()).TotalSeconds),
        Frozen = clock.StandsStill(),
    };
}

internal sealed class GetClockHandler(TimeProvider clock) : IRequestHandler<GetClock, ClockObject>
{
    public Task<ClockObject> Handle(GetClock request, CancellationToken cancellationToken) => Task.FromResult(ClockObject.Of(clock));
}
