using System.Globalization;
using FluentValidation;
using FluentValidation.AspNetCore;
using FluentValidation.Internal;
using FluentValidation.Validators;
using Microsoft.AspNetCore.Mvc.ModelBinding.Validation;

namespace PaymentSim.Api.Console;

/// <summary>
/// A greatest value, told to the browser as <c>data-val-max</c>. The library's own adapter writes it beside the least value, where both
/// share the least value's message. A message that depends on the rest of the request gives way to the rule's general one.
/// </summary>
internal sealed class MaximumRule(IValidationRule rule, IRuleComponent component) : ClientValidatorBase(rule, component)
{
    public override void AddValidation(ClientModelValidationContext context)
    {
        var greatest = Convert.ToString(((IComparisonValidator)Validator).ValueToCompare, CultureInfo.InvariantCulture)!;
        var message = ValidatorOptions.Global.MessageFormatterFactory()
            .AppendPropertyName(Rule.GetDisplayName(null))
            .AppendArgument("ComparisonValue", greatest)
            .BuildMessage(Validator.GetDefaultMessageTemplate(null));
        MergeAttribute(context.Attributes, "data-val", "true");
        MergeAttribute(context.Attributes, "data-val-max", message);
        MergeAttribute(context.Attributes, "data-val-max-max", greatest);
    }
}
