using MediatR;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Core.Checkout;

/// <summary>What is bought in a checkout session, in the order in which it was listed.</summary>
public sealed record ListCheckoutLineItems(string Session) : PageRequest, IQuery<Page<LineItemObject>>;

internal sealed class ListCheckoutLineItemsValidator : PageRequestValidator<ListCheckoutLineItems>;

internal sealed class ListCheckoutLineItemsHandler(RequestContext context, CheckoutStore sessions)
    : IRequestHandler<ListCheckoutLineItems, Page<LineItemObject>>
{
    public async Task<Page<LineItemObject>> Handle(ListCheckoutLineItems request, CancellationToken cancellationToken)
    {
        var session = await sessions.GetAsync(context.MerchantId, request.Session);
        var items = session.Details.Items.Select(item => LineItemObject.Of(session, item)).ToList();
        if (request.EndingBefore is { } before)
        {
            var until = items.Take(IndexOf(items, before, "ending_before")).ToList();
            return new Page<LineItemObject>([.. until.TakeLast(request.Size)], until.Count > request.Size);
        }

        var rest = request.StartingAfter is { } after ? items.Skip(IndexOf(items, after, "starting_after") + 1).ToList() : items;
        return new Page<LineItemObject>([.. rest.Take(request.Size)], rest.Count > request.Size);
    }

    private static int IndexOf(List<LineItemObject> items, string id, string param) => items.FindIndex(item => item.Id == id) is >= 0 and var index
        ? index
        : throw new ProblemException(Problem.Missing("item", id, param) with { Kind = ProblemKind.InvalidRequest });
}
