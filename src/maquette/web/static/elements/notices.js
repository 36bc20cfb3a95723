// Notices of the browser's own: that a thread needs somebody, came to its end, or failed. Asked for by a button, never at
// load. They are made by a page that is open, from its rail, so nothing is sent anywhere; what is chosen stays here.
// Of several pages one keeps watch: it holds a lock, and its line to the base even while it can't be seen.
const KEPT = "notices";
const FULL = 60; // threads in the rail: of a full one, what comes in may be old
const SAID = ["waiting", "failed", "idle"];
let holds = false;

const chosen = () => ({ on: false, from: "", to: "", off: [], ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") });
const choose = (change) => localStorage.setItem(KEPT, JSON.stringify({ ...chosen(), ...change }));

// Quiet hours may go over midnight.
function isQuiet(from, to, now) {
  if (!from || !to || from === to) return false;
  return from < to ? from <= now && now < to : now >= from || now < to;
}

const clock = () => new Date().toTimeString().slice(0, 5);

export const watches = () => holds && chosen().on;

function watch() {
  if (!chosen().on || holds) return;
  navigator.locks.request(KEPT, () => {
    holds = true;
    document.dispatchEvent(new Event("watch"));
    return new Promise(() => {});
  });
}

function states() {
  const lines = [...document.querySelectorAll("#rail .thread")];
  return new Map(
    lines.map((line) => [
      line.querySelector("a").pathname,
      { kind: line.classList[1], title: line.querySelector("b").textContent, says: line.querySelector("small span").textContent },
    ]),
  );
}

let before = states();

// After the rail was drawn anew: what came to a state that is worth a word, and isn't what somebody looks at.
export function notice() {
  const now = states();
  const { from, to, off } = chosen();
  const speaks = watches() && globalThis.Notification?.permission === "granted" && !isQuiet(from, to, clock());
  for (const [path, { kind, title, says }] of now) {
    const was = before.get(path)?.kind ?? (before.size < FULL ? "new" : undefined);
    if (!speaks || !was || was === kind || !SAID.includes(kind) || off.includes(path)) continue;
    if (path === location.pathname && document.hasFocus()) continue;
    const told = new Notification(title, { tag: path, body: says });
    told.addEventListener("click", () => {
      focus();
      location.assign(path);
    });
  }
  before = now;
}

function draw() {
  const { on, from, to, off } = chosen();
  const may = globalThis.Notification?.permission;
  for (const button of document.querySelectorAll("[data-notices]")) {
    button.textContent = on && may === "granted" ? "Stop notices" : "Tell me when something needs me";
    button.setAttribute("aria-pressed", String(on && may === "granted"));
  }
  for (const part of document.querySelectorAll("[data-notices-on]")) part.hidden = !(on && may === "granted");
  for (const note of document.querySelectorAll("[data-notices-say]")) {
    note.textContent = may === "denied" ? "This browser lets no page of this base give notice; its settings for this page can change that." : "";
  }
  for (const field of document.querySelectorAll("[data-quiet]")) field.value = { from, to }[field.dataset.quiet];
  for (const button of document.querySelectorAll("[data-notices-here]")) {
    const out = off.includes(location.pathname);
    button.hidden = !on;
    button.textContent = out ? "Notices on" : "Notices off";
    button.title = out ? "Tell me of this thread again" : "Tell me nothing of this thread";
  }
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-notices]")) {
    const on = !(chosen().on && Notification.permission === "granted");
    if (on && globalThis.Notification) await Notification.requestPermission();
    choose({ on: on && globalThis.Notification?.permission === "granted" });
    watch();
    draw();
  } else if (event.target.closest("[data-notices-here]")) {
    const { off } = chosen();
    const here = location.pathname;
    choose({ off: off.includes(here) ? off.filter((path) => path !== here) : [...off, here] });
    draw();
  }
});

document.addEventListener("change", (event) => {
  const which = event.target.dataset.quiet;
  if (which) choose({ [which]: event.target.value });
});

export { draw as drawNotices };
draw();
watch();
