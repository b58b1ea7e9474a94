// Checks forms by the data-val-* attributes that the server writes from its own rules, and shows messages where the server would.
// The server checks again: a form that gets past this script gets no further.

const rules = {
  required: (value) => value !== "",
  range: (value, limit) => value === "" || (isWhole(value) && within(value, limit("min"), limit("max"))),
  max: (value, limit) => !isWhole(value) || within(value, undefined, limit("max")),
  maxlength: (value, limit) => value.length <= Number(limit("max")),
};

const isWhole = (value) => /^[+-]?\d+$/.test(value);

const within = (value, min, max) =>
  (min === undefined || BigInt(value) >= BigInt(min)) && (max === undefined || BigInt(value) <= BigInt(max));

function problemOf(field) {
  const value = field.value.trim();
  for (const [name, holds] of Object.entries(rules)) {
    const message = field.getAttribute(`data-val-${name}`);
    const limit = (bound) => field.getAttribute(`data-val-${name}-${bound}`) ?? undefined;
    if (message !== null && !holds(value, limit)) return message;
  }
  return "";
}

function show(field, problem) {
  const place = field.form.querySelector(`[data-valmsg-for="${field.name}"]`);
  if (place && place.textContent !== problem) place.textContent = problem;
  if (problem) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

function check(field) {
  const problem = problemOf(field);
  show(field, problem);
  return !problem;
}

for (const form of document.querySelectorAll("form[data-validate]")) {
  form.noValidate = true;
  const fields = [...form.querySelectorAll("[data-val=true]")];
  for (const field of fields) {
    field.addEventListener("change", () => check(field));
    // While typing, only a message that stands there already is put right: nobody is corrected in the middle of a number.
    field.addEventListener("input", () => field.hasAttribute("aria-invalid") && check(field));
  }

  form.addEventListener("submit", (event) => {
    const wrong = fields.filter((field) => !check(field));
    if (wrong.length === 0) return;
    event.preventDefault();
    wrong[0].focus();
  });
}
