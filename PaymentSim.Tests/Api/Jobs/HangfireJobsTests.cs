using PaymentSim.Api.Jobs;
using PaymentSim.Core;
using PaymentSim.Core.Scheduling;

namespace PaymentSim.Tests.Api.Jobs;

public sealed class HangfireJobsTests
{
    public static TheoryData<Type> Jobs =>
        [.. typeof(PaymentSimCore).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IJob)))];

    [Theory]
    [MemberData(nameof(Jobs))]
    public void Each_piece_of_work_has_a_job_that_is_recognised_by_its_key(Type type)
    {
        var constructor = type.GetConstructors().Single(made => made.GetParameters().All(parameter => parameter.ParameterType == typeof(string)));
        var work = (IJob)constructor.Invoke([.. constructor.GetParameters().Select(object? (parameter) => "x_" + parameter.Name)]);

        HangfireJobs.KeysOf(HangfireJobs.For(work)).ShouldBe([work.Key]);
    }

    [Fact]
    public void The_kinds_of_work_are_found() => ((IEnumerable<object[]>)Jobs).Count().ShouldBeGreaterThan(2);
}
