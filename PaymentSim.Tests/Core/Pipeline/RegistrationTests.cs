using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PaymentSim.Core;
using PaymentSim.Core.Pipeline;
using PaymentSim.Core.Webhooks;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.Pipeline;

/// <summary>What the container holds, whatever use cases there are: a forgotten or unseen registration shows here.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CoreHost _core;

    public RegistrationTests() => _core = new CoreHost(_folder);

    public static TheoryData<Type> Commands => [.. Requests(typeof(ICommand<>)), .. Requests(typeof(ILongCommand<>))];

    public static TheoryData<Type> AllRequests => [.. Requests(typeof(IRequest<>))];

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_use_cases_are_found() => Requests(typeof(ICommand<>)).Count.ShouldBeGreaterThan(5);

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_has_its_validator(Type command) =>
        _core.Services.GetServices(typeof(IValidator<>).MakeGenericType(command)).ShouldHaveSingleItem()
            .ShouldNotBeNull().GetType().Name.ShouldBe(command.Name + "Validator");

    [Theory]
    [MemberData(nameof(AllRequests))]
    public void Every_request_has_exactly_one_handler_and_its_answers_type(Type request)
    {
        var answer = request.GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>));
        using var scope = _core.Services.CreateScope();

        scope.ServiceProvider.GetServices(typeof(IRequestHandler<,>).MakeGenericType(request, answer.GetGenericArguments()[0]))
            .ShouldHaveSingleItem().ShouldNotBeNull().GetType().Name.ShouldBe(request.Name + "Handler");
    }

    [Theory]
    [MemberData(nameof(AllRequests))]
    public void Commands_run_through_the_whole_pipeline_and_other_requests_through_logging_and_validation(Type request)
    {
        var answer = request.GetInterfaces().Single(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>)).GetGenericArguments()[0];
        using var scope = _core.Services.CreateScope();

        var steps = scope.ServiceProvider.GetServices(typeof(IPipelineBehavior<,>).MakeGenericType(request, answer))
            .Select(step => step!.GetType().Name.Split('`')[0]);

        string[] all = ["LoggingBehavior", "ValidationBehavior", "SimulationBehavior", "FingerprintBehavior", "TransactionBehavior", "IdempotencyBehavior"];
        if (request.IsAssignableTo(typeof(INamesUrl))) all = [.. all[..2], "WebhookUrlBehavior", .. all[2..]];
        string[] last = request.IsAssignableTo(typeof(IExpands)) ? ["ExpansionBehavior"] : [];
        var expected = request.IsAssignableTo(typeof(ICommand<>).MakeGenericType(answer)) ? all
            : request.IsAssignableTo(typeof(ILongCommand<>).MakeGenericType(answer)) ? [.. all[..2], "LongIdempotencyBehavior"]
            : all[..2];
        steps.ShouldBe([.. expected, .. last]);
    }

    private static IReadOnlyList<Type> Requests(Type contract) => typeof(PaymentSimCore).Assembly.GetTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false }
            && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == contract))
        .OrderBy(type => type.Name, StringComparer.Ordinal).ToList();
}
