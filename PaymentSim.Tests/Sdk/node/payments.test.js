import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newClient, testHelper } from './support.js';

const order = { amount: 1999, currency: 'eur' };

test('a payment intent is confirmed with a card', async () => {
  const stripe = newClient();
  const intent = await stripe.paymentIntents.create({ ...order, automatic_payment_methods: { enabled: true, allow_redirects: 'never' } });
  assert.equal(intent.status, 'requires_payment_method');
  assert.ok(intent.client_secret.startsWith(`${intent.id}_secret_`));

  const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa', expand: ['latest_charge'] });

  assert.deepEqual([paid.status, paid.amount_received], ['succeeded', 1999]);
  assert.equal(paid.latest_charge.payment_intent, intent.id);
});

test('a payment intent is authorised, captured in part, and refunded', async () => {
  const stripe = newClient();
  const held = await stripe.paymentIntents.create({ ...order, payment_method: 'pm_card_visa', capture_method: 'manual', confirm: true, off_session: true });
  assert.deepEqual([held.status, held.amount_capturable], ['requires_capture', 1999]);

  const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 });
  assert.deepEqual([captured.status, captured.amount_received], ['succeeded', 1500]);
  assert.equal((await stripe.refunds.create({ payment_intent: held.id })).amount, 1500);
});

test('a payment intent that is canceled cannot be confirmed', async () => {
  const stripe = newClient();
  const intent = await stripe.paymentIntents.create(order);
  assert.equal((await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' })).status, 'canceled');

  await assert.rejects(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' }), {
    type: 'StripeInvalidRequestError',
    code: 'payment_intent_unexpected_state',
  });
});

for (const [outcome, status] of [['succeed', 'succeeded'], ['fail', 'requires_payment_method']]) {
  test(`a cardholder is asked, and the answer is: ${outcome}`, async () => {
    const stripe = newClient();
    const asked = await stripe.paymentIntents.create({
      ...order, payment_method: 'pm_card_authenticationRequired', confirm: true, return_url: 'https://shop.example/done',
    });
    assert.deepEqual([asked.status, asked.next_action.type], ['requires_action', 'redirect_to_url']);

    await testHelper(stripe, `payment_intents/${asked.id}/authenticate`, { outcome });

    assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, status);
  });
}

test('a card is saved for a customer and charged later', async () => {
  const stripe = newClient();
  const customer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com' });
  const setup = await stripe.setupIntents.create({ customer: customer.id, payment_method: 'pm_card_mastercard', confirm: true, usage: 'off_session', payment_method_types: ['card'] });
  assert.equal(setup.status, 'succeeded');
  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: setup.payment_method } });

  const [saved] = (await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })).data;
  const paid = await stripe.paymentIntents.create({ ...order, customer: customer.id, payment_method: saved.id, confirm: true, off_session: true });

  assert.deepEqual([saved.id, paid.status], [setup.payment_method, 'succeeded']);
  assert.equal((await stripe.paymentMethods.detach(saved.id)).customer, null);
});

test('a saved source is charged by its customer', async () => {
  const stripe = newClient();
  const customer = await stripe.customers.create({ source: 'tok_visa' });
  const charge = await stripe.charges.create({ ...order, customer: customer.id });
  assert.deepEqual([charge.status, charge.customer], ['succeeded', customer.id]);

  assert.equal((await stripe.customers.del(customer.id)).deleted, true);
  assert.equal((await stripe.customers.retrieve(customer.id)).deleted, true);
});

test('a checkout session has a page, its line items, and an end', async () => {
  const stripe = newClient();
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
    line_items: [{ quantity: 2, price_data: { currency: 'usd', unit_amount: 2000, product_data: { name: 'Coffee' } } }],
  });
  assert.deepEqual([session.status, session.payment_status, session.amount_total], ['open', 'unpaid', 4000]);
  const page = await fetch(session.url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Coffee/);

  const items = await stripe.checkout.sessions.listLineItems(session.id);
  assert.deepEqual(items.data.map((item) => [item.description, item.quantity]), [['Coffee', 2]]);
  assert.equal((await stripe.checkout.sessions.expire(session.id)).status, 'expired');
});

test('a customer pays on the page of a checkout session', async () => {
  const stripe = newClient();
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/done',
    line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 2000, product_data: { name: 'Coffee' } } }],
  });
  const page = await fetch(session.url);
  const [, token] = /name="__RequestVerificationToken" type="hidden" value="([^"]+)"/.exec(await page.text());
  const sent = await fetch(session.url, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: page.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ') },
    body: new URLSearchParams({ __RequestVerificationToken: token, Email: 'ada@example.com', Card: 'tok_visa' }),
  });

  assert.equal(sent.headers.get('location'), 'https://shop.example/done');
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  assert.deepEqual([paid.status, paid.payment_status, paid.payment_intent.amount_received], ['complete', 'paid', 2000]);
});

test('the balance holds what was charged, less its fee', async () => {
  const stripe = newClient();
  const charge = await stripe.charges.create({ amount: 2000, currency: 'usd', source: 'tok_bypassPending', expand: ['balance_transaction'] });
  const { amount, fee, net } = charge.balance_transaction;
  assert.deepEqual([amount, amount - fee], [2000, net]);

  const [available] = (await stripe.balance.retrieve()).available;
  assert.deepEqual([available.currency, available.amount], ['usd', net]);
});
