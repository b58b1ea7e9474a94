using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PaymentSim.Core;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.SetupIntents;

namespace PaymentSim.Api.Console;

/// <summary>The check that a bank asks of its cardholder: passed or failed by a person, who is then sent back to the merchant.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class AuthenticateModel(Guest guest, IMediator mediator) : PageModel
{
    public Authentication Check { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string merchant, string secret) => await FindAsync(merchant, secret) ? Page() : NotFound();

    public async Task<IActionResult> OnPostAsync(string merchant, string secret, string? outcome)
    {
        if (!await FindAsync(merchant, secret)) return NotFound();
        try
        {
            if (Check.IsPayment) await mediator.Send(new AuthenticatePaymentIntent(Check.Intent) { Outcome = outcome }, HttpContext.RequestAborted);
            else await mediator.Send(new AuthenticateSetupIntent(Check.Intent) { Outcome = outcome }, HttpContext.RequestAborted);
        }
        catch (ProblemException over) when (over.Problem.Code is ProblemCode.PaymentIntentUnexpectedState or ProblemCode.SetupIntentUnexpectedState)
        {
            // Somebody was faster, or pressed twice: what came of it is shown.
        }

        await FindAsync(merchant, secret);
        return Check.ReturnUrl is { } url ? Redirect(url.OriginalString) : RedirectToPage();
    }

    private async Task<bool> FindAsync(string merchant, string secret)
    {
        guest.Enter(HttpContext, merchant);
        try
        {
            Check = await mediator.Send(new GetAuthentication(secret), HttpContext.RequestAborted);
        }
        catch (ProblemException missing) when (missing.Problem.Kind == ProblemKind.NotFound)
        {
            return false;
        }

        if (Check.ReturnUrl is { } url) PageMiddleware.LetFormsLeadTo(HttpContext, url);
        return true;
    }
}
