using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PaymentSim.Core;
using PaymentSim.Core.Checkout;
using PaymentSim.Core.Network;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Api.Console;

/// <summary>The page on which a merchant's customer pays. Whoever has paid is sent to the merchant; so is who comes back to a page that was paid.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class CheckoutModel(Guest guest, IMediator mediator, TimeProvider clock) : PageModel
{
    private const int ValidFor = 3;

    public CheckoutSessionObject Session { get; private set; } = null!;

    public IReadOnlyList<LineItemObject> Items { get; private set; } = [];

    public CheckoutForm Form { get; private set; } = new();

    /// <summary>Why the last attempt failed.</summary>
    public string? Failure { get; private set; }

    public async Task<IActionResult> OnGetAsync(string merchant, string session)
    {
        if (!await FindAsync(merchant, session)) return NotFound();
        if (Session.Status == "complete") return Redirect(Session.SuccessUrl);
        // Back from a check: what came of it is said, not what was wrong before.
        if (Session.PaymentIntent is { } id && Request.Query.ContainsKey("redirect_status"))
            Failure = (await mediator.Send(new GetPaymentIntent(id), HttpContext.RequestAborted)).LastPaymentError?.Message;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string merchant, string session, CheckoutForm form)
    {
        if (!await FindAsync(merchant, session)) return NotFound();
        Form = form;
        if (Session.Status == "open" && await PayAsync() is { } next) return next;

        await FindAsync(merchant, session);
        return Session.Status == "complete" ? Redirect(Session.SuccessUrl) : Page();
    }

    /// <summary>Where the customer goes now; null: here again.</summary>
    private async Task<IActionResult?> PayAsync()
    {
        try
        {
            var attempt = await mediator.Send(
                new PayCheckoutSession(Session.Id) { Card = CardOf(Form), Name = Form.Name, Email = Form.Email }, HttpContext.RequestAborted);
            Failure = attempt.Declined?.Message;
            return attempt.Intent.NextAction?.RedirectToUrl is { } check ? Redirect(check.Url) : null;
        }
        catch (ProblemException refused) when (refused.Problem.Kind is ProblemKind.Card or ProblemKind.InvalidRequest or ProblemKind.Unavailable)
        {
            Failure = refused.Message;
            return null;
        }
    }

    /// <summary>The number that was typed, else the card that was picked.</summary>
    private CardParameters CardOf(CheckoutForm form)
    {
        if (!string.IsNullOrWhiteSpace(form.Number)) return new CardParameters { Number = form.Number, ExpMonth = form.ExpMonth, ExpYear = form.ExpYear, Cvc = form.Cvc };
        return form.Card is { } number && CardNetwork.Digits(number) is not null
            ? new CardParameters { Number = number, ExpMonth = 12, ExpYear = clock.GetUtcNow().Year + ValidFor }
            : new CardParameters { Token = form.Card };
    }

    private async Task<bool> FindAsync(string merchant, string session)
    {
        guest.Enter(HttpContext, merchant);
        try
        {
            Session = await mediator.Send(new GetCheckoutSession(session), HttpContext.RequestAborted);
            Items = (await mediator.Send(new ListCheckoutLineItems(session) { Limit = 100 }, HttpContext.RequestAborted)).Data;
        }
        catch (ProblemException missing) when (missing.Problem.Kind == ProblemKind.NotFound)
        {
            return false;
        }

        PageMiddleware.LetFormsLeadTo(HttpContext, new Uri(Session.SuccessUrl));
        return true;
    }
}

/// <summary>What the customer has filled in.</summary>
public sealed class CheckoutForm
{
    public string? Email { get; set; }

    public string? Name { get; set; }

    /// <summary>One of the test cards: its token, or its number where it has none.</summary>
    public string? Card { get; set; }

    public string? Number { get; set; }

    public long? ExpMonth { get; set; }

    public long? ExpYear { get; set; }

    public string? Cvc { get; set; }
}
