using PaymentSim.Core.Deliveries;

namespace PaymentSim.Api.Dashboard;

/// <summary>One delivery with all its attempts.</summary>
internal sealed class DeliveryPage(string deliveryId) : DashboardPage("Delivery")
{
    protected override Markup Body() => FilterQuery.DeliveryId(deliveryId) is { } id && Ask(new ShowDelivery(id)) is { } shown
        ? Markup.Of($"""
            <h1 class="page-header">{shown.Delivery.EventType} <small>{Label(shown.Delivery.Status, shown.Delivery.IsHeld)}</small></h1>
            {Said()}
            {DeliveryReport.Of(this, shown)}
            """)
        : Markup.Of($"<h1 class=\"page-header\">Delivery</h1><div class=\"alert alert-warning\">There is no delivery {deliveryId}.</div>");
}
