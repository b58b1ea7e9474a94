// What the home page does beyond its forms: amounts as people write them, copying, and a list that stays fresh. All of it works without.

const interval = 2000;

// The amount, written as the server writes it.
const amount = document.getElementById("Amount");
const currency = document.getElementById("Currency");
const preview = document.getElementById("preview");

function money(minor, { value: code, dataset: { decimals, symbol } }) {
  const digits = BigInt(minor).toString().padStart(Number(decimals) + 1, "0");
  const split = digits.length - Number(decimals);
  const major = digits.slice(0, split).replace(/\B(?=(\d{3})+$)/g, ",");
  const text = Number(decimals) > 0 ? `${major}.${digits.slice(split)}` : major;
  return symbol ? symbol + text : `${text} ${code}`;
}

function updatePreview() {
  const minor = amount.value.trim();
  preview.textContent = /^\d{1,15}$/.test(minor) ? money(minor, currency.selectedOptions[0]) : "–";
}

amount.addEventListener("input", updatePreview);
currency.addEventListener("change", updatePreview);
updatePreview();

// One click, one charge: until the answer is there the button rests.
for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const button = form.querySelector("[type=submit], button:not([type])");
    if (button) setTimeout(() => (button.disabled = true));
  });
}
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form button")) button.disabled = false;
});

// Copying needs a secure context, which localhost is.
function offerCopying(within) {
  if (navigator.clipboard) for (const button of within.querySelectorAll("button.copy")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    return; // The browser said no; the text can be selected by hand.
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
});

// Times as this browser's clock shows them.
function localizeTimes(within) {
  const today = new Date().toDateString();
  for (const time of within.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.title = time.textContent;
    const clock = at.toLocaleTimeString(undefined, { hourCycle: "h23" });
    time.textContent = at.toDateString() === today ? clock : `${at.toLocaleDateString()} ${clock}`;
  }
}

// The list. Only cells that changed are touched, so that focus, selection and the eye stay where they are.
const charges = document.getElementById("charges");
const summary = document.getElementById("summary");
const stale = document.getElementById("stale");
const shown = new WeakMap();

function prepare(root) {
  localizeTimes(root);
  offerCopying(root);
  for (const cell of root.querySelectorAll("td")) shown.set(cell, cell.innerHTML);
  return root;
}

function updateList(html) {
  const fresh = prepare(new DOMParser().parseFromString(html, "text/html").body);
  const [oldBody, newBody] = [charges.querySelector("tbody"), fresh.querySelector("tbody")];
  const text = fresh.querySelector("[data-summary]").dataset.summary;
  if (summary.textContent !== text) summary.textContent = text;
  if (!oldBody || !newBody) {
    if (oldBody || newBody) charges.replaceChildren(...fresh.children);
    return;
  }

  const known = new Map([...oldBody.rows].map((row) => [row.id, row]));
  const rows = [...newBody.rows].map((row) => {
    const old = known.get(row.id);
    if (!old) return row;
    [...row.cells].forEach((cell, i) => updateCell(old.cells[i], cell));
    return old;
  });
  rows.forEach((row, i) => {
    if (oldBody.rows[i] !== row) oldBody.insertBefore(row, oldBody.rows[i] ?? null);
  });
  while (oldBody.rows.length > rows.length) oldBody.lastElementChild.remove();
}

function updateCell(old, fresh) {
  if (shown.get(old) === shown.get(fresh)) return;
  shown.set(old, shown.get(fresh));
  old.replaceChildren(...fresh.childNodes);
}

let timer;

async function refresh() {
  clearTimeout(timer);
  try {
    const answer = await fetch("/?handler=Charges", { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    updateList(await answer.text());
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
  if (!document.hidden) timer = setTimeout(refresh, interval);
}

prepare(document);
if (charges) {
  timer = setTimeout(refresh, interval);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : refresh()));
}
