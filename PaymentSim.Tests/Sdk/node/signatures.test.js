import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import { newClient, testHelper } from './support.js';

/** How each official package verifies a webhook: it answers the event, or throws. */
const verifiers = {
  stripe: ({ body, headers }, secret) => Stripe.webhooks.constructEvent(body, headers['stripe-signature'], secret),
  standardwebhooks: ({ body, headers }, secret) => new StandardWebhook(secret).verify(body, headers),
  svix: ({ body, headers }, secret) => new SvixWebhook(secret).verify(body, headers),
};

/** A server that keeps what it gets, and an endpoint that leads there. */
async function newInbox(t, stripe) {
  const arrived = [];
  // What waits for the next one; nobody does between two.
  let look = () => {};
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    arrived.push({ body: Buffer.concat(chunks), headers: request.headers });
    response.writeHead(200).end();
    look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  }));
  const endpoint = await stripe.webhookEndpoints.create({ url: `http://127.0.0.1:${server.address().port}/`, enabled_events: ['charge.succeeded'] });
  return {
    id: endpoint.id,
    secret: endpoint.secret,
    /** The next webhook, once it is there. */
    next: () => new Promise((resolve) => {
      look = () => {
        if (arrived.length === 0) return;
        look = () => {};
        resolve(arrived.shift());
      };
      look();
    }),
  };
}

const charge = (stripe, amount = 2000) =>
  stripe.charges.create({ amount, currency: 'usd', source: 'tok_visa', description: 'Grüße, "Ωμέγα" 🎉', metadata: { order_id: '<7> & more' } });

/** The same bytes but for one digit of the amount. */
const altered = ({ body, headers }) => ({ body: Buffer.from(body.toString().replace('"amount":2000', '"amount":9000')), headers });

/** As if it had been signed at another time: the headers say so, and the signatures do not. */
const moved = ({ body, headers }, seconds) => {
  const time = String(Number(headers['webhook-timestamp']) + seconds);
  return {
    body,
    headers: { ...headers, 'webhook-timestamp': time, 'stripe-signature': headers['stripe-signature'].replace(/t=\d+/, `t=${time}`) },
  };
};

for (const [name, verify] of Object.entries(verifiers)) {
  test(`${name} verifies webhooks, and refuses what was changed`, async (t) => {
    const stripe = newClient();
    const inbox = await newInbox(t, stripe);
    const made = await charge(stripe);
    const webhook = await inbox.next();

    const event = verify(webhook, inbox.secret);
    assert.deepEqual([event.type, event.data.object.id, event.data.object.amount], ['charge.succeeded', made.id, 2000]);
    assert.equal(event.data.object.description, 'Grüße, "Ωμέγα" 🎉');
    assert.equal(event.id, webhook.headers['webhook-id']);

    assert.notDeepEqual(altered(webhook).body, webhook.body);
    assert.throws(() => verify(altered(webhook), inbox.secret));
    assert.throws(() => verify({ ...webhook, body: Buffer.concat([webhook.body, Buffer.from(' ')]) }, inbox.secret));
    assert.throws(() => verify(moved(webhook, 1), inbox.secret));
    assert.throws(() => verify(moved(webhook, -3600), inbox.secret));
    assert.throws(() => verify(webhook, `whsec_${Buffer.alloc(32, 7).toString('base64')}`));
    assert.throws(() => verify({ ...webhook, headers: {} }, inbox.secret));

    // Recorded, and sent again ten minutes later.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 600_000 });
    assert.throws(() => verify(webhook, inbox.secret));
    t.mock.timers.reset();
    assert.equal(verify(webhook, inbox.secret).type, 'charge.succeeded');
  });

  test(`${name} verifies with the old and the new secret while one is replaced`, async (t) => {
    const stripe = newClient();
    const inbox = await newInbox(t, stripe);
    const rotated = await testHelper(stripe, `webhook_endpoints/${inbox.id}/rotate_secret`);
    assert.notEqual(rotated.secret, inbox.secret);

    await charge(stripe);
    const webhook = await inbox.next();
    assert.equal(webhook.headers['webhook-signature'].split(' ').length, 2);
    for (const secret of [inbox.secret, rotated.secret]) {
      assert.equal(verify(webhook, secret).type, 'charge.succeeded');
      assert.throws(() => verify(altered(webhook), secret));
    }

    // At once: of the secret before that only the newest is left.
    const last = await testHelper(stripe, `webhook_endpoints/${inbox.id}/rotate_secret`, { expires_in: 0 });
    await charge(stripe);
    const next = await inbox.next();
    assert.equal(next.headers['webhook-signature'].split(' ').length, 1);
    assert.equal(verify(next, last.secret).type, 'charge.succeeded');
    for (const secret of [inbox.secret, rotated.secret]) assert.throws(() => verify(next, secret));
  });
}
