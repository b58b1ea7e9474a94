using Microsoft.AspNetCore.Mvc.ModelBinding;
using PaymentSim.Core.Charges;

namespace PaymentSim.Api.Console;

/// <summary>Reads a form's source, which is a name: <c>tok_visa</c> or a test card's number.</summary>
internal sealed class ChargeSourceBinder : IModelBinder
{
    public Task BindModelAsync(ModelBindingContext bindingContext)
    {
        var given = bindingContext.ValueProvider.GetValue(bindingContext.ModelName);
        if (given.FirstValue is { Length: > 0 } name)
        {
            // The text itself is not kept in the model state: it may be a number that somebody typed.
            bindingContext.Result = ModelBindingResult.Success(ChargeSource.FromString(name));
        }

        return Task.CompletedTask;
    }
}

/// <summary>Gives every <see cref="ChargeSource"/> its binder. The REST API's binder builds its own and does not come here.</summary>
internal sealed class ChargeSourceBinderProvider : IModelBinderProvider
{
    public IModelBinder? GetBinder(ModelBinderProviderContext context) =>
        context.Metadata.ModelType == typeof(ChargeSource) ? new ChargeSourceBinder() : null;
}
