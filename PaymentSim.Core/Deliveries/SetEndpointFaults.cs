using System.Text.Json.Serialization;
using FluentValidation;
using MediatR;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;

namespace PaymentSim.Core.Deliveries;

/// <summary>
/// Has things go wrong with an endpoint's webhooks on purpose: with those of events from now on, and with those that a person replays. Takes the place
/// of the plan that there was.
/// </summary>
public sealed record SetEndpointFaults(string Id) : ICommand<EndpointFaultsObject>
{
    /// <summary>At most one of each kind.</summary>
    public IReadOnlyList<FaultParameters>? Faults { get; init; }

    /// <summary>Any whole number: with the same one the same faults meet the same deliveries. Drawn, and shown in the answer, unless told.</summary>
    public long? Seed { get; init; }

    /// <summary>Whose endpoint: the asking merchant's, unless a face for operators says otherwise (<see cref="Of"/>). No parameter of the wire.</summary>
    [JsonIgnore]
    public string? MerchantId { get; private init; }

    /// <summary>Of any merchant.</summary>
    public static SetEndpointFaults Of(string merchantId, string endpointId) => new(endpointId) { MerchantId = merchantId };
}

/// <summary>One fault, and which deliveries meet it: by <see cref="Probability"/> or the <see cref="Next"/> ones.</summary>
public sealed record FaultParameters
{
    /// <summary>A <see cref="FaultKind"/>, as the wire spells it.</summary>
    public string? Kind { get; init; }

    /// <summary>From 0 to 1: drawn for each delivery.</summary>
    public double? Probability { get; init; }

    /// <summary>The endpoint's next so many deliveries.</summary>
    public long? Next { get; init; }

    /// <summary>Such a delivery's first so many attempts, 1 unless told; what holds it back does so once.</summary>
    public long? Attempts { get; init; }

    /// <summary>Milliseconds; for <c>delay</c>, <c>reorder</c> (at most so long; 10000 unless told) and <c>duplicate</c> (0 unless told: both at the same time).</summary>
    public long? Delay { get; init; }

    /// <summary>Seconds; for <c>stale_timestamp</c>, 600 unless told.</summary>
    public long? Age { get; init; }
}

internal sealed class SetEndpointFaultsValidator : AbstractValidator<SetEndpointFaults>
{
    public SetEndpointFaultsValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(c => c.Faults).NotEmpty().WithMessage("Missing required param: faults.").WithCode(ProblemCode.ParameterMissing);
        RuleForEach(c => c.Faults).SetValidator(new FaultParametersValidator());
        RuleFor(c => c.Faults).Custom((faults, context) =>
        {
            var kinds = new HashSet<string>();
            for (var i = 0; i < faults!.Count; i++)
            {
                if (kinds.Add(faults[i].Kind!)) continue;
                var (param, message) = ($"faults[{i}][kind]", $"A plan can have one fault of each kind: {faults[i].Kind} is there already.");
                context.AddFailure(new FluentValidation.Results.ValidationFailure(param, message) { CustomState = Problem.Invalid(message, param) });
            }
        });
    }
}

internal sealed class FaultParametersValidator : AbstractValidator<FaultParameters>
{
    /// <summary>Milliseconds.</summary>
    private const long LongestHold = 60_000;

    /// <summary>Milliseconds: a sender waits for it.</summary>
    private const long LongestDuplicate = 10_000;

    /// <summary>Seconds.</summary>
    private const long OldestAge = 10 * 366 * 86_400L;

    private const long MostDeliveries = 1_000_000;
    private const long MostAttempts = 100;

    private static readonly IReadOnlyDictionary<string, FaultKind> Kinds = Enum.GetValues<FaultKind>().ToDictionary(kind => kind.Wire());

    public FaultParametersValidator()
    {
        ClassLevelCascadeMode = CascadeMode.Stop;
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(f => f.Kind)
            .NotEmpty().WithMessage("Missing required param: the fault's kind.").WithCode(ProblemCode.ParameterMissing)
            .Must(kind => Kinds.ContainsKey(kind!)).WithMessage(f => $"Invalid kind: must be one of {string.Join(", ", Kinds.Keys)}.");
        RuleFor(f => f.Probability)
            .Must((f, probability) => probability is not null || f.Next is not null)
            .WithMessage("Say which deliveries meet the fault: probability (from 0 to 1) or next (how many).").WithCode(ProblemCode.ParameterMissing)
            .Must(probability => probability is null or (>= 0 and <= 1)).WithMessage("Invalid probability: must be from 0 to 1.");
        RuleFor(f => f.Next)
            .Must((f, next) => next is null || f.Probability is null).WithMessage("Give either probability or next, not both.")
            .Must(next => next is null or (>= 1 and <= MostDeliveries)).WithMessage($"Invalid next: must be from 1 to {MostDeliveries}.");
        RuleFor(f => f.Attempts)
            .Must((f, attempts) => attempts is null || !IsHold(f)).WithMessage(f => $"{f.Kind} happens once, before the first attempt: attempts does not go with it.")
            .Must(attempts => attempts is null or (>= 1 and <= MostAttempts)).WithMessage($"Invalid attempts: must be from 1 to {MostAttempts}.");
        RuleFor(f => f.Delay)
            .Must((f, delay) => delay is null || IsHold(f) || Is(f, FaultKind.Duplicate)).WithMessage(f => $"delay does not go with {f.Kind}.")
            .Must((f, delay) => delay is not null || !Is(f, FaultKind.Delay)).WithMessage("Missing required param: the fault's delay, in milliseconds.").WithCode(ProblemCode.ParameterMissing)
            .Must((f, delay) => delay is null || !IsHold(f) || delay is >= 1 and <= LongestHold).WithMessage($"Invalid delay: must be from 1 to {LongestHold} milliseconds.")
            .Must((f, delay) => delay is null || IsHold(f) || delay is >= 0 and <= LongestDuplicate).WithMessage($"Invalid delay: must be from 0 to {LongestDuplicate} milliseconds.");
        RuleFor(f => f.Age)
            .Must((f, age) => age is null || Is(f, FaultKind.StaleTimestamp)).WithMessage(f => $"age does not go with {f.Kind}.")
            .Must(age => age is null or (>= 1 and <= OldestAge)).WithMessage($"Invalid age: must be from 1 to {OldestAge} seconds.");
    }

    private static bool IsHold(FaultParameters fault) => Is(fault, FaultKind.Delay) || Is(fault, FaultKind.Reorder);

    private static bool Is(FaultParameters fault, FaultKind kind) => fault.Kind == kind.Wire();
}

internal sealed class SetEndpointFaultsHandler(
    RequestContext context, WebhookEndpointStore endpoints, FaultStore faults, Ids ids, Randomness random, TimeProvider clock)
    : IRequestHandler<SetEndpointFaults, EndpointFaultsObject>
{
    private const long LongestReorder = 10_000;
    private const long Age = 600;

    public async Task<EndpointFaultsObject> Handle(SetEndpointFaults request, CancellationToken cancellationToken)
    {
        var endpoint = await endpoints.FindToChangeAsync(request.MerchantId ?? context.MerchantId, request.Id)
            ?? throw new ProblemException(Problem.Missing("webhook endpoint", request.Id));
        var plan = new FaultPlan
        {
            Id = ids.New("wfp"),
            Seed = request.Seed ?? (long)(random.NextDouble() * int.MaxValue),
            Faults = [.. request.Faults!.Select(ToFault)],
            CreatedAt = clock.GetUtcNow(),
        };
        await endpoints.SetFaultsAsync(endpoint, plan);
        await faults.BeginAsync(endpoint, plan);
        return EndpointFaultsObject.Of(endpoint.Id, plan, null);
    }

    private static Fault ToFault(FaultParameters asked)
    {
        var kind = CoreJson.FromWire<FaultKind>(asked.Kind!);
        return new Fault
        {
            Kind = kind,
            Probability = asked.Probability,
            Next = asked.Next,
            Attempts = asked.Attempts ?? 1,
            Delay = asked.Delay ?? (kind == FaultKind.Reorder ? LongestReorder : null),
            Age = asked.Age ?? (kind == FaultKind.StaleTimestamp ? Age : null),
        };
    }
}
