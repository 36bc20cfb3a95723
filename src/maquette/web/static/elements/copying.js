// Copying: an answer from its margin, as its text and as what it looks like; whatever is set as it was typed by a button
// that is over it while somebody points at it, or by `c` while it has the keyboard.
const main = document.getElementById("main");
const button = document.createElement("button");
Object.assign(button, { type: "button", className: "copies", hidden: true });
main.append(button);
let over = null;
let told = null;

const typedIn = (target) => target.closest?.("main pre") ?? null;
const blob = (type, text) => ({ [type]: new Blob([text], { type }) });

async function copy(element, teller) {
  const looks = element.matches("mark-down") ? blob("text/html", element.innerHTML) : {};
  const kept = { ...blob("text/plain", element.text ?? element.textContent), ...looks };
  const copied = navigator.clipboard?.write([new ClipboardItem(kept)]) ?? Promise.reject();
  if (told) told.textContent = "Copy";
  told = teller;
  told.textContent = await copied.then(() => "Copied", () => "Not allowed here");
}

function show(pre) {
  if (pre !== over) button.textContent = "Copy";
  over = pre;
  const { top, right, bottom } = pre?.getBoundingClientRect() ?? { bottom: 0 };
  button.hidden = bottom <= 0 || top >= innerHeight;
  if (button.hidden) return;
  button.style.top = `${Math.max(top, 0) + 4}px`;
  button.style.right = `${document.documentElement.clientWidth - right + 4}px`;
}

for (const kind of ["pointerover", "focusin"]) {
  document.addEventListener(kind, ({ target }) => target !== button && show(typedIn(target) ?? typedIn(document.activeElement)));
}
addEventListener("scroll", () => over && show(over), { passive: true, capture: true });

button.addEventListener("click", () => copy(over, button));

document.addEventListener("click", ({ target }) => {
  const copies = target.closest("[data-copies]");
  if (copies) copy([...copies.closest(".block").querySelectorAll("mark-down")].at(-1), copies);
});

document.addEventListener("keydown", (event) => {
  const pre = typedIn(event.target);
  if (event.key !== "c" || event.ctrlKey || event.metaKey || event.altKey || !pre) return;
  event.stopImmediatePropagation();
  show(pre);
  copy(pre, button);
});
