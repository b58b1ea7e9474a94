using PaymentSim.Core;
using PaymentSim.Core.PaymentIntents;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.Core.PaymentIntents;

/// <summary>The table of what may be done with a payment intent, and what comes of it.</summary>
public sealed class PaymentIntentTests
{
    /// <summary>For each action: the statuses in which it may be done. The table itself is the program's; this is what the wire says.</summary>
    private static readonly Dictionary<PaymentIntentAction, string> Allowed = new()
    {
        [PaymentIntentAction.Update] = "requires_payment_method requires_confirmation requires_action",
        [PaymentIntentAction.Confirm] = "requires_payment_method requires_confirmation requires_action",
        [PaymentIntentAction.Authenticate] = "requires_action",
        [PaymentIntentAction.Settle] = "processing",
        [PaymentIntentAction.Capture] = "requires_capture",
        [PaymentIntentAction.Cancel] = "requires_payment_method requires_confirmation requires_action requires_capture",
    };

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var action in Enum.GetValues<PaymentIntentAction>())
            {
                foreach (var status in Enum.GetValues<PaymentIntentStatus>()) pairs.Add(action.Wire(), status.Wire());
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void An_action_is_done_where_the_table_allows_it_and_refused_elsewhere(string actionName, string statusName)
    {
        var (action, status) = (CoreJson.FromWire<PaymentIntentAction>(actionName), CoreJson.FromWire<PaymentIntentStatus>(statusName));
        var intent = Samples.PaymentIntent(status);
        var next = PaymentIntent.Transitions[action].To[0];

        if (Allowed[action].Split(' ').Contains(statusName))
        {
            intent.Become(next, action).Status.ShouldBe(next);
            return;
        }

        var refused = Should.Throw<ProblemException>(() => intent.Become(next, action)).Problem;
        (refused.Kind, refused.Code).ShouldBe((ProblemKind.InvalidRequest, ProblemCode.PaymentIntentUnexpectedState));
        refused.PaymentIntent!.Value.GetProperty("status").GetString().ShouldBe(statusName);
        refused.Message.ShouldContain($"a status of {statusName}");
    }

    [Fact]
    public void An_action_cannot_lead_where_the_table_does_not_go() => Should.Throw<InvalidOperationException>(
        () => Samples.PaymentIntent(PaymentIntentStatus.RequiresCapture).Become(PaymentIntentStatus.Processing, PaymentIntentAction.Capture));

    [Fact]
    public void What_is_final_stays() => PaymentIntent.Transitions.Values.SelectMany(action => action.From)
        .ShouldNotContain(status => status == PaymentIntentStatus.Succeeded || status == PaymentIntentStatus.Canceled);

    [Theory]
    [InlineData("pi_1_secret_x", "pi_1")]
    [InlineData("_secret_x", null)]
    [InlineData("pi_1", null)]
    public void A_client_secret_says_whose_it_is(string secret, string? id) => ClientSecret.IntentOf(secret).ShouldBe(id);
}
