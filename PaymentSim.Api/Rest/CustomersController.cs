using MediatR;
using Microsoft.AspNetCore.Mvc;
using PaymentSim.Core;
using PaymentSim.Core.Customers;
using PaymentSim.Core.PaymentMethods;

namespace PaymentSim.Api.Rest;

/// <summary>Customers, and the cards and bank accounts that they have saved.</summary>
[Route("v1/customers")]
[Tags("Customers")]
public sealed class CustomersController(IMediator mediator) : RestController(mediator)
{
    /// <summary>Create a customer</summary>
    [HttpPost]
    public Task<ActionResult<CustomerObject>> Create([FromParameters] CreateCustomer request) => Send(request);

    /// <summary>Retrieve a customer; a deleted one answers {id, object, deleted}</summary>
    [HttpGet("{id}")]
    public async Task<ActionResult<CustomerObject>> Get([FromParameters] GetCustomer request)
    {
        var answer = await Send(request);
        return answer.Value switch
        {
            null => answer.Result!,
            { Customer: { } customer } => customer,
            { Deleted: var gone } => new ObjectResult(gone),
        };
    }

    /// <summary>Update a customer</summary>
    [HttpPost("{id}")]
    [HttpPut("{id}")]
    public Task<ActionResult<CustomerObject>> Update([FromParameters] UpdateCustomer request) => Send(request);

    /// <summary>List customers</summary>
    [HttpGet]
    public Task<ActionResult<ListObject<CustomerObject>>> List([FromParameters] ListCustomers request) => SendList(request);

    /// <summary>Search customers</summary>
    [HttpGet("search")]
    public Task<ActionResult<SearchResult<CustomerObject>>> Search([FromParameters] SearchCustomers request) => SendSearch(request);

    /// <summary>Delete a customer with its cards</summary>
    [HttpDelete("{id}")]
    public Task<ActionResult<DeletedObject>> Delete([FromParameters] DeleteCustomer request) => Send(request);

    /// <summary>Save a card or bank account for a customer</summary>
    [HttpPost("{customer}/sources")]
    public Task<ActionResult<CustomerSource>> CreateSource([FromParameters] CreateSource request) => Send(request);

    /// <summary>Retrieve a saved card or bank account</summary>
    [HttpGet("{customer}/sources/{id}")]
    public Task<ActionResult<CustomerSource>> GetSource([FromParameters] GetSource request) => Send(request);

    /// <summary>Update a saved card or bank account</summary>
    [HttpPost("{customer}/sources/{id}")]
    public Task<ActionResult<CustomerSource>> UpdateSource([FromParameters] UpdateSource request) => Send(request);

    /// <summary>List a customer's saved cards and bank accounts</summary>
    [HttpGet("{customer}/sources")]
    public Task<ActionResult<ListObject<CustomerSource>>> ListSources([FromParameters] ListSources request) => SendList(request);

    /// <summary>Verify a saved bank account by the two amounts that it was sent: 32 and 45</summary>
    [HttpPost("{customer}/sources/{id}/verify")]
    public async Task<ActionResult<CustomerSource>> VerifySource([FromParameters] VerifySource request)
    {
        var (source, failed) = await SendRaw(request);
        return AnswerAttempt(source, failed);
    }

    /// <summary>Remove a saved card or bank account</summary>
    [HttpDelete("{customer}/sources/{id}")]
    public Task<ActionResult<DeletedObject>> DeleteSource([FromParameters] DeleteSource request) => Send(request);

    /// <summary>Retrieve a customer's payment method</summary>
    [HttpGet("{customer}/payment_methods/{id}")]
    public Task<ActionResult<PaymentMethodObject>> GetPaymentMethod([FromParameters] GetCustomerPaymentMethod request) => Send(request);

    /// <summary>List a customer's payment methods</summary>
    [HttpGet("{customer}/payment_methods")]
    public Task<ActionResult<ListObject<PaymentMethodObject>>> ListPaymentMethods([FromParameters] ListCustomerPaymentMethods request) => SendList(request);
}
