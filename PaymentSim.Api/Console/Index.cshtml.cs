using MediatR;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using PaymentSim.Core;
using PaymentSim.Core.Charges;
using PaymentSim.Core.Deliveries;
using PaymentSim.Core.Merchants;
using PaymentSim.Core.Pipeline;

namespace PaymentSim.Api.Console;

/// <summary>The home page, its two forms, and the list that the page asks for again and again.</summary>
[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]
internal sealed class IndexModel(Visitor visitor, IMediator mediator, TimeProvider clock) : PageModel
{
    private const int Shown = 20;

    /// <summary>The fields of the form; an error at any other parameter is shown above them.</summary>
    private static readonly string[] Fields =
        [nameof(CreateCharge.Source), nameof(CreateCharge.Amount), nameof(CreateCharge.Currency), nameof(CreateCharge.Description)];

    public CreateCharge Form { get; private set; } = new() { Amount = 2000, Currency = "usd", Source = ChargeSource.FromString("tok_visa") };

    public Notice? Notice { get; private set; }

    /// <summary>The key in use, or null where there is none yet.</summary>
    public string? Key { get; private set; }

    /// <summary>The publishable key beside it.</summary>
    public string? PublishableKey { get; private set; }

    /// <summary>Nothing is shown before a valid key is entered.</summary>
    public bool NeedsKey { get; private set; }

    public bool InSandbox => visitor.InSandbox;

    /// <summary>Null where there is no key, or the storage does not answer.</summary>
    public LatestCharges? Latest { get; private set; }

    /// <summary>What to say where the simulator's time is not the real one, or null.</summary>
    public string? OtherTime => clock is SimulatorClock { Setting: var setting } && setting != ClockSetting.Real
        ? $"{clock.GetUtcNow():yyyy-MM-dd HH:mm} UTC{(setting.FrozenAt is null ? "" : ", and stands still")}"
        : null;

    public string BaseUrl => $"{Request.Scheme}://{Request.Host}";

    public async Task OnGetAsync()
    {
        Notice = Notice.Take(TempData);
        Form = LastForm.Take(TempData) ?? Form;
        await LoadAsync();
    }

    /// <summary>The list alone, for the script that keeps it fresh.</summary>
    public async Task<IActionResult> OnGetChargesAsync()
    {
        await LoadAsync();
        return Latest is null ? StatusCode(StatusCodes.Status503ServiceUnavailable) : Partial("_Charges", Latest);
    }

    /// <summary>Makes a charge. The framework has run the request's own validator when this begins.</summary>
    public async Task<IActionResult> OnPostChargeAsync(
        [Bind(nameof(CreateCharge.Amount), nameof(CreateCharge.Currency), nameof(CreateCharge.Source), nameof(CreateCharge.Description))] CreateCharge form)
    {
        Form = form;
        if (ModelState.IsValid && await ChargeAsync(form)) return RedirectToPage();
        await LoadAsync();
        return Page();
    }

    public async Task<IActionResult> OnPostKeyAsync(string? key)
    {
        try
        {
            await visitor.ChooseAsync(HttpContext, key);
            return RedirectToPage();
        }
        catch (ProblemException refused)
        {
            Show(refused.Problem);
            await LoadAsync();
            return Page();
        }
    }

    private async Task<bool> ChargeAsync(CreateCharge form)
    {
        try
        {
            if (await visitor.EnterAsync(HttpContext) is null) throw new ProblemException(new Problem(ProblemKind.Unauthorized, null, "Enter a secret key first."));
            var attempt = await mediator.Send(form, HttpContext.RequestAborted);
            if (attempt.Charge is null) throw new ProblemException(attempt.Declined!);
            Notice.Of(attempt.Charge, attempt.Declined).Keep(TempData);
            LastForm.Keep(form, TempData);
            return true;
        }
        catch (ProblemException refused)
        {
            Show(refused.Problem);
            return false;
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            Key = await visitor.EnterAsync(HttpContext);
            NeedsKey = Key is null;
            if (NeedsKey) return;
            PublishableKey = await mediator.Send(new GetPublishableKey(), HttpContext.RequestAborted);
            var charges = (await mediator.Send(new ListCharges { Limit = Shown }, HttpContext.RequestAborted)).Data;
            IReadOnlyList<DeliverySummary> deliveries = charges.Count == 0
                ? []
                : await mediator.Send(
                    new SummarizeDeliveries([.. charges.Select(charge => charge.Id)], DateTimeOffset.FromUnixTimeSeconds(charges[^1].Created)),
                    HttpContext.RequestAborted);
            Latest = LatestCharges.Of(charges, deliveries, clock.GetUtcNow());
        }
        catch (ProblemException refused)
        {
            NeedsKey = refused.Problem.Kind == ProblemKind.Unauthorized;
            Show(refused.Problem);
        }
    }

    /// <summary>At its field, where the problem has one here; else above everything.</summary>
    private void Show(Problem problem)
    {
        var field = problem.Kind switch
        {
            ProblemKind.Unauthorized => nameof(Key),
            ProblemKind.Card => nameof(CreateCharge.Source),
            _ => Fields.FirstOrDefault(field => ParameterName.Of(field) == problem.Param?.Split('[')[0]),
        };
        if (field is null) Notice = new Notice(Tone.Bad, "That did not work", problem.Message);
        else ModelState.TryAddModelError(field, problem.Message);
    }
}
