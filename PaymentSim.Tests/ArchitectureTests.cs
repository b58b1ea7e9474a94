using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MediatR;
using NetArchTest.Rules;
using PaymentSim.Core;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests;

/// <summary>What must never import what, so that the house stays as it was planned.</summary>
public sealed partial class ArchitectureTests
{
    private const string Root = "PaymentSim.Core";

    private static readonly Assembly Core = typeof(PaymentSimCore).Assembly;
    private static readonly Assembly Api = Assembly.Load("PaymentSim.Api");

    /// <summary>The features that report by events alone.</summary>
    private static readonly string[] Payments =
        ["Charges", "Tokens", "Refunds", "PaymentIntents", "SetupIntents", "Checkout", "Customers", "PaymentMethods", "Disputes", "Balance", "Payouts"];

    private static readonly string[] Features = [.. Payments, "Merchants", "Events", "Webhooks", "Deliveries"];

    [Fact]
    public void Core_references_no_web_framework()
    {
        string[] foreign = ["Microsoft.AspNetCore", "GraphQL", "HotChocolate", "SoapCore", "System.ServiceModel", "Hangfire.AspNetCore", "Hangfire.NetCore"];

        References(Core).Where(name => foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ShouldBeEmpty();
        References(Core).ShouldContain("MediatR", "the list of references is read");
    }

    [Fact]
    public void In_Core_only_the_job_storage_and_the_scheduling_adapter_see_Hangfire() =>
        Types.InAssembly(Core).That().DoNotResideInNamespace($"{Root}.JobStorage").And().DoNotResideInNamespace($"{Root}.Scheduling")
            .ShouldNot().HaveDependencyOn("Hangfire").GetResult().ShouldHold();

    [Theory]
    [InlineData("Dapper")]
    [InlineData("Microsoft.Data.Sqlite")]
    [InlineData("SQLitePCLRaw.core")]
    [InlineData("Npgsql")]
    [InlineData("Hangfire.PostgreSql")]
    public void Api_never_sees_SQL(string library) => References(Api).ShouldNotContain(library);

    [Theory]
    [InlineData("Dapper")]
    [InlineData("Microsoft.Data.Sqlite")]
    [InlineData("Npgsql")]
    [InlineData("Hangfire.PostgreSql")]
    public void Core_keeps_its_SQL_libraries_to_itself(string library) =>
        Project("PaymentSim.Core").Descendants("PackageReference").Single(reference => (string?)reference.Attribute("Include") == library)
            .Attribute("PrivateAssets").ShouldNotBeNull().Value.Split(';').ShouldBe(["compile", "contentfiles", "analyzers", "build"], ignoreOrder: true);

    [Fact]
    public void Payments_and_webhooks_meet_only_in_events()
    {
        foreach (var feature in Payments)
        {
            Types.InAssembly(Core).That().ResideInNamespace($"{Root}.{feature}")
                .ShouldNot().HaveDependencyOnAny($"{Root}.Deliveries", $"{Root}.Webhooks").GetResult().ShouldHold();
        }

        Types.InAssembly(Core).That().ResideInNamespace($"{Root}.Events")
            .ShouldNot().HaveDependencyOnAny([.. Payments.Append("Deliveries").Append("Webhooks").Select(feature => $"{Root}.{feature}")])
            .GetResult().ShouldHold();
    }

    [Fact]
    public void A_forbidden_dependency_would_be_seen() =>
        Types.InAssembly(Core).That().ResideInNamespace($"{Root}.Deliveries")
            .ShouldNot().HaveDependencyOn($"{Root}.Webhooks").GetResult().IsSuccessful.ShouldBeFalse("deliveries do use endpoints");

    [Fact]
    public void The_card_network_is_pure()
    {
        string[] others = [.. Features, "Pipeline", "Storage", "Scheduling", "JobStorage"];
        var network = Types.InAssembly(Core).That().ResideInNamespace($"{Root}.Network");

        network.GetTypes().ShouldNotBeEmpty();
        network.ShouldNot().HaveDependencyOnAny(
                [.. others.Select(name => $"{Root}.{name}"), "System.TimeProvider", "System.DateTime", "System.DateTimeOffset", "System.Random", "Dapper"])
            .GetResult().ShouldHold();
    }

    [Theory]
    [InlineData("Pipeline")]
    [InlineData("Expansion")]
    [InlineData("Search")]
    [InlineData("Storage")]
    [InlineData("Scheduling")]
    public void What_all_features_stand_on_knows_no_feature(string ground) =>
        Types.InAssembly(Core).That().ResideInNamespace($"{Root}.{ground}")
            .ShouldNot().HaveDependencyOnAny([.. Features.Select(feature => $"{Root}.{feature}")]).GetResult().ShouldHold();

    [Fact]
    public void No_handler_sends_another_request()
    {
        Type[] senders = [typeof(IMediator), typeof(IServiceProvider), typeof(ServiceFactory)];
        foreach (var handler in Handlers())
        {
            handler.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .SelectMany(constructor => constructor.GetParameters())
                .ShouldNotContain(parameter => senders.Contains(parameter.ParameterType), handler.Name);
        }
    }

    [Fact]
    public void Handlers_are_internal_and_sealed()
    {
        Handlers().Count.ShouldBeGreaterThan(10);
        Handlers().Where(handler => !handler.IsNotPublic || !handler.IsSealed).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Rest")]
    [InlineData("GraphQL")]
    [InlineData("Soap")]
    [InlineData("Console")]
    [InlineData("Cli")]
    [InlineData("Jobs")]
    [InlineData("Dashboard", "Jobs")]
    public void Faces_do_not_import_one_another_but_the_dashboard_shows_the_jobs(string face, params string[] allowed)
    {
        string[] faces = ["Rest", "GraphQL", "Soap", "Console", "Cli", "Jobs", "Dashboard"];
        var types = Types.InAssembly(Api).That().ResideInNamespace($"PaymentSim.Api.{face}");

        types.GetTypes().Any().ShouldBe(Directory.Exists(Repository.At("PaymentSim.Api", face)), "the rule looks at the face's types");
        types.ShouldNot().HaveDependencyOnAny([.. faces.Where(other => other != face).Except(allowed).Select(other => $"PaymentSim.Api.{other}")])
            .GetResult().ShouldHold();
    }

    [Fact]
    public void The_demo_merchant_has_only_HTTP()
    {
        var project = Project("merchant-demo");

        project.Descendants("ProjectReference").ShouldBeEmpty();
        project.Descendants("PackageReference").Select(reference => (string?)reference.Attribute("Include"))
            .ShouldNotContain(name => name!.StartsWith("PaymentSim", StringComparison.Ordinal) || name.StartsWith("Stripe", StringComparison.Ordinal));
        foreach (var file in Sources("merchant-demo"))
            File.ReadAllText(file).ShouldNotContain("using PaymentSim", customMessage: file);
    }

    [Fact]
    public void A_use_case_is_one_file_of_its_name_in_its_features_folder()
    {
        var requests = Core.GetTypes().Where(type => type.IsClass && !type.IsAbstract
            && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequest<>))).ToList();
        requests.Count.ShouldBeGreaterThan(10);
        var declared = Sources("PaymentSim.Core").SelectMany(file => PublicTypes().Matches(File.ReadAllText(file)).Select(match => (match.Groups[1].Value, file)))
            .ToLookup(pair => pair.Value, pair => pair.file);

        foreach (var request in requests)
        {
            request.IsPublic.ShouldBeTrue(request.Name);
            var folder = Path.Combine(request.Namespace!.Split('.')[2..]);
            declared[request.Name].ShouldBe([Repository.At("PaymentSim.Core", folder, request.Name + ".cs")], request.Name);
        }

        foreach (var file in requests.GroupBy(request => declared[request.Name].Single())) file.Count().ShouldBe(1, file.Key);
        foreach (var handler in Handlers())
        {
            var file = declared[handler.Name[..^"Handler".Length]].Single();
            File.ReadAllText(file).ShouldContain($"class {handler.Name}", customMessage: "a handler stands beside its request");
        }
    }

    [Fact]
    public void SQL_stands_in_stores_and_use_cases_of_Core_alone() =>
        Sources("PaymentSim.Api").Where(file => Sql().IsMatch(File.ReadAllText(file))).ShouldBeEmpty();

    [Theory]
    [InlineData("INSERT INTO charges (id) VALUES (1)", true)]
    [InlineData("SELECT * FROM charges", true)]
    [InlineData("UPDATE charges SET amount = 1", true)]
    [InlineData("/// Selects the update from the list.", false)]
    public void SQL_is_recognised(string line, bool sql) => Sql().IsMatch(line).ShouldBe(sql);

    private static IReadOnlyList<Type> Handlers() => [.. Core.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false }
        && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequestHandler<,>)))];

    private static IEnumerable<string> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name!);

    private static XDocument Project(string name) => XDocument.Load(Repository.At(name, name + ".csproj"));

    private static IEnumerable<string> Sources(string project)
    {
        var root = Repository.At(project);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));
    }

    [GeneratedRegex(@"^public (?:sealed |static |abstract |partial )*(?:record struct|record|class) (\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicTypes();

    [GeneratedRegex(@"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s+\w+\s+SET|DELETE FROM)\s", RegexOptions.Singleline)]
    private static partial Regex Sql();
}

internal static class ArchitectureAssertions
{
    public static void ShouldHold(this TestResult result) =>
        (result.FailingTypes ?? []).Select(type => type.FullName).ShouldBeEmpty("these types break the rule");
}
