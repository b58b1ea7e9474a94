import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Stripe from 'stripe';

const url = new URL(process.env.SIMULATOR_URL ?? 'http://127.0.0.1:5080');

/** The official client of a merchant that nobody else is; the address is all that differs from the real service. */
export function newClient(options = {}) {
  return new Stripe(options.key ?? `sk_test_node${randomUUID().replaceAll('-', '')}`, {
    host: url.hostname,
    port: url.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    ...options.config,
  });
}

/** What only the simulator can do: calls under /v1/test_helpers. */
export const testHelper = (stripe, path, params = {}) => stripe.rawRequest('POST', `/v1/test_helpers/${path}`, params);

/** A merchant's webhook handler on a port of its own: it verifies every webhook as the SDK does, and keeps its event. */
export async function newReceiver(stripe, enabledEvents) {
  const events = [];
  const requests = [];
  const waiting = [];
  let secret;
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const signature = request.headers['stripe-signature'];
    try {
      events.push(stripe.webhooks.constructEvent(body, signature, secret));
      requests.push({ body, signature });
      response.writeHead(200).end();
    } catch (failure) {
      waiting.splice(0).forEach(({ reject }) => reject(failure));
      response.writeHead(400).end();
    }
    for (const waiter of [...waiting]) waiter.look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // While it listens the test does not end: what goes wrong here must not keep it up.
  server.unref();
  const endpoint = await stripe.webhookEndpoints.create({
    url: `http://127.0.0.1:${server.address().port}/webhooks`,
    enabled_events: enabledEvents,
  });
  secret = endpoint.secret;
  server.ref();

  return {
    secret,
    requests,
    /** The first event of this type, once it is there. */
    event: (type) => new Promise((resolve, reject) => {
      const waiter = {
        reject,
        look() {
          const found = events.find((event) => event.type === type);
          if (!found) return;
          if (waiting.includes(waiter)) waiting.splice(waiting.indexOf(waiter), 1);
          resolve(found);
        },
      };
      waiting.push(waiter);
      waiter.look();
    }),
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
