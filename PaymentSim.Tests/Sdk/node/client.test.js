import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { test } from 'node:test';
import Stripe from 'stripe';
import { newClient } from './support.js';

const order = { amount: 2000, currency: 'usd', source: 'tok_visa' };

test('a decline is a StripeCardError with its codes and its charge', async () => {
  const stripe = newClient();
  const failure = await stripe.charges.create({ ...order, source: 'tok_chargeDeclinedInsufficientFunds' }).then(assert.fail, (error) => error);

  assert.ok(failure instanceof Stripe.errors.StripeCardError);
  assert.deepEqual(
    [failure.statusCode, failure.code, failure.decline_code, failure.message],
    [402, 'card_declined', 'insufficient_funds', 'Your card has insufficient funds.']);
  assert.equal((await stripe.charges.retrieve(failure.charge)).status, 'failed');
});

test('a decline of a payment intent carries it', async () => {
  const stripe = newClient();
  const failure = await stripe.paymentIntents
    .create({ amount: 2000, currency: 'usd', payment_method: 'pm_card_chargeDeclinedExpiredCard', confirm: true, payment_method_types: ['card'] })
    .then(assert.fail, (error) => error);

  assert.ok(failure instanceof Stripe.errors.StripeCardError);
  assert.deepEqual([failure.code, failure.payment_intent.status], ['expired_card', 'requires_payment_method']);
});

test('what is wrong with a request is a StripeInvalidRequestError that names it', async () => {
  const stripe = newClient();
  const wrong = [
    [() => stripe.charges.create({ ...order, amount: 49 }), 400, 'amount_too_small', 'amount'],
    [() => stripe.charges.create({ currency: 'usd', source: 'tok_visa' }), 400, 'parameter_missing', 'amount'],
    [() => stripe.charges.create({ ...order, colour: 'red' }), 400, 'parameter_unknown', 'colour'],
    [() => stripe.charges.retrieve('ch_nothing'), 404, 'resource_missing', 'id'],
  ];
  for (const [request, status, code, param] of wrong) {
    const failure = await request().then(assert.fail, (error) => error);
    assert.ok(failure instanceof Stripe.errors.StripeInvalidRequestError);
    assert.deepEqual([failure.statusCode, failure.code, failure.param], [status, code, param]);
  }
});

test('a key that is none is a StripeAuthenticationError', async () => {
  const failure = await newClient({ key: 'no_key' }).charges.list().then(assert.fail, (error) => error);

  assert.ok(failure instanceof Stripe.errors.StripeAuthenticationError);
  assert.equal(failure.statusCode, 401);
});

test('a request is retried after the processor itself failed, and charges once', async (t) => {
  // The SDK leaves the body of an answer unread that it retries after, and so the connection open.
  const httpAgent = new Agent({ keepAlive: true });
  t.after(() => httpAgent.destroy());
  const stripe = newClient({ config: { maxNetworkRetries: 2, httpAgent } });
  const sequence = { ...order, source: 'tok_500|tok_visa' };
  const charge = await stripe.charges.create(sequence);

  assert.equal(charge.status, 'succeeded');
  assert.deepEqual((await stripe.charges.list()).data.map((listed) => listed.id), [charge.id]);
  const failure = await newClient().charges.create(sequence).then(assert.fail, (error) => error);
  assert.ok(failure instanceof Stripe.errors.StripeAPIError, 'without retries it is an error');
});

test('the same idempotency key gives the same result, and refuses other parameters', async () => {
  const stripe = newClient();
  const idempotencyKey = randomUUID();
  const first = await stripe.charges.create(order, { idempotencyKey });
  const second = await stripe.charges.create(order, { idempotencyKey });

  assert.equal(second.id, first.id);
  assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
  const failure = await stripe.charges.create({ ...order, amount: 3000 }, { idempotencyKey }).then(assert.fail, (error) => error);
  assert.ok(failure instanceof Stripe.errors.StripeIdempotencyError);
  assert.equal((await stripe.charges.list()).data.length, 1);
});

test('a list is paged through to its end', async () => {
  const stripe = newClient();
  const made = [];
  for (let i = 0; i < 5; i++) made.unshift((await stripe.customers.create({ name: `Customer ${i}` })).id);

  const paged = [];
  for await (const customer of stripe.customers.list({ limit: 2 })) paged.push(customer.id);
  assert.deepEqual(paged, made);
  const back = [];
  for await (const customer of stripe.customers.list({ limit: 2, ending_before: made[4] })) back.push(customer.id);
  assert.deepEqual(back, made.slice(0, 4).reverse());
  assert.equal((await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 3 })).length, 3);
});

test('fields are expanded, on objects and on lists', async () => {
  const stripe = newClient();
  const customer = await stripe.customers.create({ name: 'Ada', source: 'tok_visa' });
  const charge = await stripe.charges.create({ amount: 2000, currency: 'usd', customer: customer.id, expand: ['customer.default_source'] });
  assert.deepEqual([charge.customer.name, charge.customer.default_source.last4], ['Ada', '4242']);

  const [listed] = (await stripe.charges.list({ expand: ['data.customer'] })).data;
  assert.equal(listed.customer.id, customer.id);
  await assert.rejects(stripe.charges.retrieve(charge.id, { expand: ['amount'] }), { type: 'StripeInvalidRequestError' });
});

test('customers and charges are searched', async () => {
  const stripe = newClient();
  const ada = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  await stripe.customers.create({ name: 'Bob', email: 'bob@example.com' });
  const charge = await stripe.charges.create({ ...order, metadata: { order: '17' } });
  await stripe.charges.create({ ...order, metadata: { order: '18' } });

  assert.deepEqual((await stripe.customers.search({ query: "email:'ada@example.com'" })).data.map((found) => found.id), [ada.id]);
  const found = [];
  for await (const one of stripe.charges.search({ query: "metadata['order']:'17' AND amount>1000" })) found.push(one.id);
  assert.deepEqual(found, [charge.id]);
});
