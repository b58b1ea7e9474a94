using System.Globalization;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Console;

/// <summary>Carries a form's choices over to the page after it, so that the next charge can be like the last one.</summary>
internal static class LastForm
{
    private const string Slot = "form";

    public static void Keep(CreateCharge form, ITempDataDictionary bag)
    {
        // Only what can be picked: a number that somebody typed is kept nowhere.
        var source = PaymentSources.Contains(form.Source?.Token) ? form.Source!.Token : "";
        bag[Slot] = string.Create(CultureInfo.InvariantCulture, $"{form.Amount} {form.Currency} {source}");
    }

    public static CreateCharge? Take(ITempDataDictionary bag) => (bag[Slot] as string)?.Split(' ') is [var amount, var currency, var source]
        ? new CreateCharge { Amount = long.Parse(amount, CultureInfo.InvariantCulture), Currency = currency, Source = ChargeSource.FromString(source) }
        : null;
}
