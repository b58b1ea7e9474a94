import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import { newClient, newReceiver } from './support.js';

test('a webhook is verified by its signature, and tells of the charge', async (t) => {
  const stripe = newClient();
  const receiver = await newReceiver(stripe, ['charge.succeeded']);
  t.after(() => receiver.close());
  assert.match(receiver.secret, /^whsec_/);

  const charge = await stripe.charges.create({ amount: 2000, currency: 'usd', source: 'tok_visa' });
  const event = await receiver.event('charge.succeeded');

  assert.deepEqual([event.data.object.id, event.data.object.amount], [charge.id, 2000]);
  assert.equal(event.api_version, stripe.getApiField('version'));
  assert.equal(event.request.id, charge.lastResponse.requestId);
  assert.equal((await stripe.events.retrieve(event.id)).type, 'charge.succeeded');

  const [{ body, signature }] = receiver.requests;
  const changed = body.toString().replace('2000', '9000');
  assert.throws(() => stripe.webhooks.constructEvent(changed, signature, receiver.secret), Stripe.errors.StripeSignatureVerificationError);
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_another'), Stripe.errors.StripeSignatureVerificationError);
});

test('endpoints are listed, changed and deleted', async () => {
  const stripe = newClient();
  const made = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/', enabled_events: ['*'] });
  assert.equal((await stripe.webhookEndpoints.update(made.id, { disabled: true })).status, 'disabled');

  const listed = await stripe.webhookEndpoints.list();
  assert.deepEqual(listed.data.map((endpoint) => endpoint.id), [made.id]);
  assert.equal((await stripe.webhookEndpoints.del(made.id)).deleted, true);
  assert.equal((await stripe.webhookEndpoints.list()).data.length, 0);
});
