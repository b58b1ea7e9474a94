using MediatR;
using PaymentSim.Api.Hosting;
using PaymentSim.Core;
using PaymentSim.Core.Merchants;

namespace PaymentSim.Api.Console;

/// <summary>Who looks at the page: the merchant of the key that was entered, or in a sandbox of the demo key.</summary>
internal sealed class Visitor(IMediator mediator, RequestContext context, AccessPolicy access, KeyCookie cookie, Ids ids)
{
    public const string DemoKey = ApiKey.Prefix + "demo";

    public bool InSandbox => access.Current == Access.Sandbox;

    /// <summary>Makes what follows act for the visitor's merchant. Answers the key, or null where one has yet to be entered.</summary>
    /// <exception cref="ProblemException">The key that was entered is not valid (any more), or the storage is not available.</exception>
    public async Task<string?> EnterAsync(HttpContext http)
    {
        if ((cookie.Read(http.Request) ?? (InSandbox ? DemoKey : null)) is not { } key) return null;
        context.RequestId = ids.New("req");
        context.MerchantId = await mediator.Send(new AuthenticateKey(key, access.Current), http.RequestAborted);
        return key;
    }

    /// <summary>Uses another key from now on; an empty one goes back to how it was at first.</summary>
    /// <exception cref="ProblemException">The key is not valid.</exception>
    public async Task ChooseAsync(HttpContext http, string? key)
    {
        key = key?.Trim();
        if (string.IsNullOrEmpty(key))
        {
            KeyCookie.Forget(http);
            return;
        }

        await mediator.Send(new AuthenticateKey(key, access.Current), http.RequestAborted);
        cookie.Write(http, key);
    }
}
