using PaymentSim.Core;

namespace PaymentSim.Api.Console;

/// <summary>A merchant's customer, who came by a link of the simulator's and knows no key: what follows acts for the link's merchant.</summary>
internal sealed class Guest(RequestContext context, Ids ids)
{
    public void Enter(HttpContext http, string merchantId)
    {
        context.RequestId = ids.New("req");
        context.MerchantId = merchantId;
        context.BaseUrl = $"{http.Request.Scheme}://{http.Request.Host}";
    }
}
