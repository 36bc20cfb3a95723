// A list that is drawn anew is merged into the one that is seen: a piece that is as it was (data-as) isn't touched, so the
// page doesn't move under who reads it, and the keyboard stays where it is.

// What somebody is writing goes over to the same field of the same form, where there is one still; and no more than that:
// a field that they left alone says what the fresh one says.
export function keepTyped(there, fresh) {
  for (const field of there.querySelectorAll("form[data-waits] :is(input:not([type=hidden]), textarea, select)")) {
    const form = `form[data-waits="${CSS.escape(field.form.dataset.waits)}"]`;
    const of = ticked(field) ? `[value="${CSS.escape(field.value)}"]` : "";
    const same = fresh.querySelector(`${form} [name="${CSS.escape(field.name)}"]${of}:not([type=hidden])`);
    if (!same) continue;
    if (touched(field)) carry(field, same);
    if (field === document.activeElement) setTimeout(() => same.focus());
  }
}

const ticked = (field) => ["checkbox", "radio"].includes(field.type);
const touched = (field) =>
  ticked(field)
    ? field.checked !== field.defaultChecked
    : field.options
      ? field.value !== ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value
      : field.value !== field.defaultValue;

function carry(field, same) {
  if (ticked(field)) same.checked = field.checked;
  else same.value = field.value;
}

const holds = (piece) => piece.contains(document.activeElement);
const typing = (piece) => [...piece.querySelectorAll("textarea, input:not([type=hidden])")].some(({ value }) => value);
const start = (piece) => (piece.querySelector("h3 a, a, summary") ?? piece.querySelector("button") ?? piece).focus();

// Every child of both has an id, and of those that may change a data-as; or is merged in its turn.
export function merge(there, fresh) {
  const wanted = new Map([...fresh.children].map((piece) => [piece.id, piece]));
  for (const piece of [...there.children].filter(({ id }) => !wanted.has(id))) leave(piece);
  let last = null;
  for (const piece of wanted.values()) {
    last = place(there, last, put(there.querySelector(`:scope > #${CSS.escape(piece.id)}`), piece));
  }
}

function put(there, piece) {
  if (!there) return piece;
  if (piece.hasAttribute("data-merges")) merge(there, piece);
  else if (there.dataset.as !== piece.dataset.as) {
    const held = holds(there);
    keepTyped(there, piece);
    if (there.open) piece.open = true;
    there.replaceWith(piece);
    if (held && !holds(piece)) start(piece);
    return piece;
  }
  return there;
}

function place(into, last, piece) {
  const next = last ? last.nextElementSibling : into.firstElementChild;
  if (next === piece) return piece;
  const held = holds(piece) && document.activeElement; // what is moved loses the keyboard
  into.insertBefore(piece, next);
  if (held) held.focus({ preventScroll: true });
  return piece;
}

function settled() {
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = "Settled meanwhile. What you wrote stays here until you leave the page.";
  return note;
}

// What somebody writes in a piece that goes isn't lost under their hands.
function leave(piece) {
  if (piece.classList.contains("item") && typing(piece)) {
    if (!piece.classList.contains("left")) piece.prepend(settled());
    piece.classList.add("left");
    return;
  }
  const heir = piece.nextElementSibling ?? piece.previousElementSibling ?? piece.parentElement.parentElement.querySelector("h1");
  if (holds(piece)) start(heir);
  piece.remove();
}
