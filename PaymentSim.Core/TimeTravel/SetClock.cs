using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Scheduling;
using PaymentSim.Core.Storage;

namespace PaymentSim.Core.TimeTravel;

/// <summary>
/// Moves the simulator's time on, stops it, or lets it go on: for all merchants. What becomes due on the way happens in order, and is over when this
/// answers. It never goes back.
/// </summary>
public sealed record SetClock : ILongCommand<ClockObject>
{
    /// <summary>Seconds, from 1 to ten years.</summary>
    public long? Advance { get; init; }

    /// <summary>True: from now on it stands still.</summary>
    public bool? Freeze { get; init; }

    /// <summary>True: it goes on from where it stands.</summary>
    public bool? Resume { get; init; }
}

internal sealed class SetClockValidator : AbstractValidator<SetClock>
{
    private const long Longest = 10 * 365 * 24 * 60 * 60;

    public SetClockValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Advance).InclusiveBetween(1, Longest).WithMessage($"Invalid integer: advance is a number of seconds from 1 to {Longest}, which is ten years.");
        RuleFor(c => c.Freeze).NotEqual(false).WithMessage("Invalid boolean: freeze can only be true; resume=true lets the clock go on.");
        RuleFor(c => c.Resume).NotEqual(false).WithMessage("Invalid boolean: resume can only be true; freeze=true stops the clock.");
        RuleFor(c => c.Advance).Must((c, _) => Count(c) == 1).WithMessage("Give exactly one of advance (seconds), freeze=true and resume=true.");
    }

    private static int Count(SetClock c) => (c.Advance is null ? 0 : 1) + (c.Freeze is null ? 0 : 1) + (c.Resume is null ? 0 : 1);
}

internal sealed class SetClockHandler(RequestContext context, TimeMachine machine, TimeProvider clock, Database database, IJobScheduler jobs)
    : IRequestHandler<SetClock, ClockObject>
{
    /// <summary>Beyond it, times of the wire could no longer be written.</summary>
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public async Task<ClockObject> Handle(SetClock request, CancellationToken cancellationToken)
    {
        if (!database.HasSingleOwner)
            throw Refused("The clock can be moved with the embedded storage only (PaymentSim:Storage=sqlite): here the database and other nodes go by clocks of their own.");
        if (!jobs.GoesByClock)
            throw Refused("The clock can be moved with jobs in the embedded storage only (Jobs:Storage=sqlite): jobs in memory go by a clock of their own.");

        var isComplete = true;
        if (request.Advance is { } seconds)
        {
            if (Latest - clock.GetUtcNow() < TimeSpan.FromSeconds(seconds)) throw new ProblemException(Problem.Invalid("Invalid integer: advance leads beyond the year 9000.", "advance"));
            // Who lost the connection and asks again by its key finds the clock where it asked for, and not as far again.
            isComplete = await machine.AdvanceAsync(TimeSpan.FromSeconds(seconds), context.IdempotencyKey is null ? cancellationToken : CancellationToken.None);
        }
        else if (request.Freeze == true)
        {
            await machine.FreezeAsync(cancellationToken);
        }
        else
        {
            await machine.ResumeAsync(cancellationToken);
        }

        return ClockObject.Of(clock) with { Complete = isComplete };
    }

    private static ProblemException Refused(string why) => new(Problem.Invalid(why));
}
