// A gallery by keys, two pictures under one slider, and whatever says by which key it is pressed.
const field = "input:not([type=checkbox]):not([type=range]), textarea, select";

// Left and right by one, up and down by a row.
function move(gallery, key) {
  const cards = [...gallery.querySelectorAll(".gallery > li > a")];
  const at = cards.indexOf(document.activeElement);
  if (at < 0) return cards[0];
  const top = cards[0].offsetTop;
  const row = Math.max(cards.filter((card) => card.offsetTop === top).length, 1);
  return cards[at + { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[key]];
}

// Two that are marked are compared.
function compared(page) {
  const taken = [...page.querySelectorAll("[data-take]:checked")].map((box) => box.dataset.take);
  if (taken.length === 2) location.assign(`${page.dataset.compare}?left=${taken[0]}&right=${taken[1]}`);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest(field) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const gallery = document.querySelector("#gallery");
  if (gallery && event.key.startsWith("Arrow")) {
    const next = move(gallery, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return;
  }
  if (gallery && event.key === "x") {
    document.activeElement.closest("li")?.querySelector("[data-take]")?.click();
    return;
  }
  if (event.target.matches("[type=range]")) return;
  const pressed = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (!pressed) return;
  event.preventDefault();
  const because = pressed.value === "neither" && pressed.form.querySelector("[data-because]");
  if (because && !because.value) because.focus();
  else pressed.click();
});

// When the gallery is drawn anew, the card that had the keyboard has it still, and what is marked stays marked.
let held = "";
const marked = new Set();

document.addEventListener("focusin", (event) => {
  held = event.target.closest(".gallery > li")?.id ?? "";
});

document.addEventListener("change", (event) => {
  const number = event.target.dataset.take;
  if (!number) return;
  marked[event.target.checked ? "add" : "delete"](number);
  compared(event.target.closest("[data-compare]"));
});

function again() {
  for (const box of document.querySelectorAll("[data-take]")) box.checked = marked.has(box.dataset.take);
  const card = held && document.activeElement === document.body && document.getElementById(held);
  if (card) card.querySelector("a").focus({ preventScroll: true });
}

const drawn = document.querySelector("[data-compare]");
if (drawn) new MutationObserver(again).observe(drawn, { childList: true });

customElements.define(
  "two-pictures",
  class extends HTMLElement {
    connectedCallback() {
      const slider = this.querySelector("[type=range]");
      const cut = () => this.style.setProperty("--cut", `${slider.value}%`);
      slider.addEventListener("input", cut);
      cut();
    }
  },
);
