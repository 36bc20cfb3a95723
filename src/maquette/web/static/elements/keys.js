// What keys do. In a field they write; Escape leaves it.
import { buttonOf, doers } from "./commands.js";

function step(by) {
  const lines = [...document.querySelectorAll(".rail .thread a")];
  const here = lines.findIndex((line) => line.getAttribute("aria-current") === "page");
  const next = lines[here < 0 ? (by > 0 ? 0 : lines.length - 1) : here + by];
  if (next) location.assign(next.href);
}

export const keys = {
  n: () => location.assign("/"),
  i: () => location.assign("/inbox"),
  "/": () => location.assign("/search"),
  j: () => step(1),
  k: () => step(-1),
  e: () => document.getElementById("say")?.focus(),
  r: () => document.querySelector("[data-opens=rename]")?.click(),
  f: () => document.querySelector("[data-face-is][aria-pressed=false]")?.click(),
  "?": () => document.getElementById("keys").showModal(),
};

// Each brings the keyboard to the button that does it, and Enter presses that.
const does = {
  s: ["stop"],
  g: ["resume"],
  m: ["merge"],
  l: ["keep"],
  d: ["discard"],
  o: ["reopen"],
  y: ["fork"],
  p: ["pin", "unpin"],
  t: ["model"],
};

function bring(button) {
  button?.focus();
  button?.scrollIntoView({ block: "nearest" });
}

for (const [key, names] of Object.entries(does)) {
  keys[key] = () => bring(names.map((name) => buttonOf(doers().get(name))).find(Boolean));
}
const asks = "main .asks :is(button:not([data-turns]), input:not([type=hidden]))";
keys.a = () => bring([...document.querySelectorAll(asks)].find((one) => one.checkVisibility()));

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && field) field.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});
