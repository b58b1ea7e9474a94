using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;
using PaymentSim.Core;

namespace PaymentSim.Api.Rest;

/// <summary>Marks a request that came with a publishable key.</summary>
internal sealed class PublishableCaller
{
    public static readonly PublishableCaller Instance = new();
}

/// <summary>The one kind of actions that a publishable key may do, and so those that pages of other origins may ask for (<see cref="CrossOrigin"/>).</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AllowsPublishableKeyAttribute : Attribute, IEnableCorsAttribute
{
    public string? PolicyName { get; set; }
}

/// <summary>Refuses publishable keys wherever they are not allowed.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SecretKeyOnlyAttribute : Attribute, IAuthorizationFilter
{
    public void OnAuthorization(AuthorizationFilterContext context)
    {
        if (context.HttpContext.Features.Get<PublishableCaller>() is null) return;
        if (context.ActionDescriptor.EndpointMetadata.OfType<AllowsPublishableKeyAttribute>().Any()) return;
        throw new ProblemException(new Problem(
            ProblemKind.Forbidden,
            ProblemCode.SecretKeyRequired,
            "This API call cannot be made with a publishable API key. Please use a secret API key, which begins with sk_test_."));
    }
}
