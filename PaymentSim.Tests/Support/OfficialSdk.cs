using System.Net;
using System.Reflection;
using Stripe;
using Stripe.Checkout;

namespace PaymentSim.Tests.Support;

/// <summary>What the real API has in the payments core, as its official SDK knows it: found by calling every method of these services.</summary>
internal static class OfficialSdk
{
    private const string Argument = "ARGUMENT";

    private static readonly Type[] Services =
    [
        typeof(AccountService), typeof(BalanceService), typeof(BalanceTransactionService), typeof(ChargeService), typeof(SessionService),
        typeof(SessionLineItemService), typeof(CustomerService), typeof(CustomerPaymentMethodService), typeof(CustomerPaymentSourceService),
        typeof(DisputeService), typeof(EventService), typeof(PaymentIntentService), typeof(PaymentMethodService), typeof(PayoutService),
        typeof(RefundService), typeof(SetupIntentService), typeof(TokenService), typeof(WebhookEndpointService),
    ];

    /// <summary>Each endpoint, such as <c>POST /v1/charges/{}/capture</c>, with the type of its parameters; null: it has none.</summary>
    public static async Task<IReadOnlyDictionary<string, Type?>> EndpointsAsync()
    {
        using var recorder = new Recorder();
        using var http = new HttpClient(recorder);
        var client = new StripeClient("sk_test_recorder", httpClient: new SystemNetHttpClient(http, maxNetworkRetries: 0));
        var endpoints = new Dictionary<string, Type?>();
        foreach (var type in Services)
        {
            var service = Activator.CreateInstance(type, client)!;
            foreach (var method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(IsCall))
            {
                endpoints.TryAdd(await recorder.CallAsync(service, method), method.GetParameters().Select(one => one.ParameterType).FirstOrDefault(IsOptions));
            }
        }

        return endpoints;
    }

    /// <summary>The parameters of a type by their names on the wire, each with the type of its parts; null: it has none.</summary>
    public static IReadOnlyDictionary<string, Type?> Parameters(Type? options) => options is null
        ? new Dictionary<string, Type?>()
        : options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (Name: WireName(property), property.PropertyType))
            .Where(property => property.Name is not null)
            .DistinctBy(property => property.Name)
            .ToDictionary(property => property.Name!, property => Parts(property.PropertyType));

    private static bool IsCall(MethodInfo method) =>
        method.Name.EndsWith("Async", StringComparison.Ordinal) && !method.Name.Contains("AutoPaging", StringComparison.Ordinal)
        && !method.IsGenericMethod && typeof(Task).IsAssignableFrom(method.ReturnType);

    private static bool IsOptions(Type type) =>
        type.Namespace?.StartsWith("Stripe", StringComparison.Ordinal) == true && type.Name.EndsWith("Options", StringComparison.Ordinal) && type != typeof(RequestOptions);

    private static Type? Parts(Type type) => IsOptions(type) ? type : type.GetGenericArguments().Select(Parts).FirstOrDefault(found => found is not null);

    /// <summary>Of whichever serialiser the SDK is made for.</summary>
    private static string? WireName(PropertyInfo property) => property.GetCustomAttributesData()
        .FirstOrDefault(attribute => attribute.AttributeType.Name is "JsonPropertyAttribute" or "JsonPropertyNameAttribute")?
        .ConstructorArguments.Select(argument => argument.Value as string).FirstOrDefault();

    /// <summary>Answers every request with an error, and keeps where it went.</summary>
    private sealed class Recorder : HttpMessageHandler
    {
        private string? _endpoint;

        public async Task<string> CallAsync(object service, MethodInfo method)
        {
            _endpoint = null;
            object?[] arguments = [.. method.GetParameters().Select(parameter => parameter.ParameterType switch
            {
                var type when type == typeof(string) => Argument,
                var type when IsOptions(type) => Activator.CreateInstance(type),
                var type => type.IsValueType ? Activator.CreateInstance(type) : null,
            })];
            await Should.ThrowAsync<StripeException>(() => (Task)method.Invoke(service, arguments)!, method.ToString());
            return _endpoint.ShouldNotBeNull(method.ToString());
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _endpoint = $"{request.Method} {request.RequestUri!.AbsolutePath.Replace(Argument, "{}", StringComparison.Ordinal)}";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("""{"error":{"message":"recorded"}}""") });
        }
    }
}
