import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClient, newReceiver } from './support.js';

const order = { amount: 2000, currency: 'usd' };

test('a card is charged by its token, and the charge is read and changed', async () => {
  const stripe = newClient();
  const token = await stripe.tokens.create({ card: { number: '4242424242424242', exp_month: '8', exp_year: '2035', cvc: '123' } });
  const charge = await stripe.charges.create({ ...order, source: token.id, description: 'Order 17', metadata: { order: '17' } });

  assert.equal(charge.status, 'succeeded');
  assert.equal(charge.payment_method_details.card.last4, '4242');
  assert.match(charge.lastResponse.requestId, /^req_/);

  const changed = await stripe.charges.update(charge.id, { metadata: { order: '', cart: '2' } });
  assert.deepEqual(changed.metadata, { cart: '2' });
  assert.equal((await stripe.charges.retrieve(charge.id)).description, 'Order 17');
});

test('an authorisation is captured in part', async () => {
  const stripe = newClient();
  const held = await stripe.charges.create({ ...order, source: 'tok_visa', capture: false });
  assert.equal(held.captured, false);

  const captured = await stripe.charges.capture(held.id, { amount: 1500 });
  assert.deepEqual([captured.captured, captured.amount_captured, captured.amount_refunded], [true, 1500, 500]);
});

test('a charge is refunded in parts, and never beyond its amount', async () => {
  const stripe = newClient();
  const charge = await stripe.charges.create({ ...order, source: 'tok_visa' });
  const refund = await stripe.refunds.create({ charge: charge.id, amount: 500, reason: 'requested_by_customer' });
  assert.deepEqual([refund.status, refund.amount, refund.charge], ['succeeded', 500, charge.id]);

  await assert.rejects(stripe.refunds.create({ charge: charge.id, amount: 1501 }), { type: 'StripeInvalidRequestError', statusCode: 400 });
  await stripe.refunds.create({ charge: charge.id });
  await assert.rejects(stripe.refunds.create({ charge: charge.id }), { code: 'charge_already_refunded' });

  const after = await stripe.charges.retrieve(charge.id);
  assert.deepEqual([after.refunded, after.amount_refunded], [true, 2000]);
  assert.deepEqual((await stripe.refunds.list({ charge: charge.id })).data.map((listed) => listed.amount), [1500, 500]);
});

test('a dispute is answered with evidence, and won', async (t) => {
  const stripe = newClient();
  const receiver = await newReceiver(stripe, ['charge.dispute.created', 'charge.dispute.closed']);
  t.after(() => receiver.close());
  const charge = await stripe.charges.create({ ...order, source: 'tok_createDispute' });
  const opened = (await receiver.event('charge.dispute.created')).data.object;
  assert.deepEqual([opened.charge, opened.status, opened.reason], [charge.id, 'needs_response', 'fraudulent']);

  await stripe.disputes.update(opened.id, { evidence: { customer_name: 'Ada', uncategorized_text: 'winning_evidence' }, submit: true });
  const closed = (await receiver.event('charge.dispute.closed')).data.object;

  assert.deepEqual([closed.id, closed.status, closed.evidence.customer_name], [opened.id, 'won', 'Ada']);
});

test('a dispute that is closed is lost', async (t) => {
  const stripe = newClient();
  const receiver = await newReceiver(stripe, ['charge.dispute.created']);
  t.after(() => receiver.close());
  await stripe.charges.create({ ...order, source: 'tok_createDispute' });
  const opened = (await receiver.event('charge.dispute.created')).data.object;

  assert.equal((await stripe.disputes.close(opened.id)).status, 'lost');
});
