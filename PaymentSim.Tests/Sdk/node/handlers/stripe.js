import { createServer } from 'node:http';
import Stripe from 'stripe';

const secret = process.env.WEBHOOK_SECRET;
const seen = new Set(); // in your shop: a table with a unique key, written in the transaction that changes the order

createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405).end();
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);

  let event;
  try {
    // The bytes as they came: parsed and written again they would be other bytes.
    event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), request.headers['stripe-signature'], secret);
  } catch (refused) {
    return response.writeHead(400).end(refused.message);
  }

  if (!seen.has(event.id)) {
    seen.add(event.id);
    if (event.type === 'charge.succeeded') console.log('paid:', event.data.object.id);
  }
  response.writeHead(200).end(); // also to duplicates, and to types that you do not know
}).listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
