// Everything works without this file. It spares the reader a reload, and shows the price on the button.

const order = document.querySelector('[data-events]');
if (order) {
  // The server sends the current state at once and then every change. EventSource reconnects by itself.
  const events = new EventSource(order.dataset.events);
  // One after the other: an earlier page that loads slowly must not replace a later one.
  let refreshed = Promise.resolve();
  events.addEventListener('order', () => { refreshed = refreshed.then(refresh); });
}

async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(() => null);
  if (!response?.ok) return;

  // The page is rendered in one place only, on the server; here its live parts are taken over.
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const update = fresh.getElementById(part.id);
    // Only what differs: replacing the status by the same text would make a screen reader repeat it.
    if (update && update.innerHTML !== part.innerHTML) part.innerHTML = update.innerHTML;
  }
}

const checkout = document.querySelector('[data-checkout]');
if (checkout) {
  const button = checkout.querySelector('button');
  const showPrice = () => {
    button.disabled = false;
    button.textContent = checkout.querySelector('[name=product_id]:checked')?.dataset.label ?? 'Buy';
  };
  checkout.addEventListener('change', showPrice);
  checkout.addEventListener('submit', () => {
    button.disabled = true;
    button.textContent = 'Paying…';
  });
  // Also when the browser's back button brings the page back as it was left.
  window.addEventListener('pageshow', showPrice);
}
