// The palette (Ctrl or Cmd and K): by a few letters, do what can be done on this page, or go anywhere: rooms, threads,
// projects, files to name in a message, settings. What isn't found is searched for.
import { commands, press } from "./commands.js";
import { get, mentions } from "./mentions.js";

const dialog = document.getElementById("palette");
const field = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const settings = [...list.querySelectorAll("a")].map(({ textContent, href }) => ({ name: textContent, says: "setting", href }));
const MOST = 12;
const SOON = 80;

let far = [];
let projects = [];
let asking = new AbortController();

function near() {
  const links = [...document.querySelectorAll(".rooms a, .leave a, .rail .thread a")];
  return [
    ...[...commands().keys()].map((name) => ({ name, says: "do", does: () => press(commands().get(name)) })),
    ...links.map((link) => ({
      name: link.querySelector("b")?.textContent ?? link.firstChild.textContent,
      says: link.querySelector("b") ? "thread" : "room",
      href: link.href,
    })),
    ...[...document.querySelectorAll("[data-chooses-colours] option")].map((option) => ({
      name: `Colours: ${option.textContent}`,
      says: "setting",
      does: () => choose(option.value),
    })),
    ...settings,
    ...projects,
  ];
}

function choose(value) {
  const select = document.querySelector("[data-chooses-colours]");
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

// How well a name fits, the lower the better.
function rank(name, typed) {
  let at = -1;
  if (name.startsWith(typed)) return 0;
  if (name.includes(typed)) return 1;
  return [...typed].every((letter) => letter === " " || (at = name.indexOf(letter, at + 1)) >= 0) ? 2 : 3;
}

function draw() {
  const typed = field.value.trim().toLowerCase();
  const known = near().map((one) => ({ ...one, rank: rank(one.name.toLowerCase(), typed) }));
  const seen = new Set(known.map(({ href }) => href));
  const shown = known.filter((one) => one.rank < 3).sort((one, other) => one.rank - other.rank).slice(0, MOST);
  shown.push(...far.filter(({ href }) => !href || !seen.has(href)));
  if (typed) shown.push({ name: `Search for “${field.value.trim()}”`, href: `/search?q=${encodeURIComponent(field.value.trim())}` });
  list.replaceChildren(...shown.map(drawn));
}

function drawn({ name, says = "", href, does }, number) {
  const line = document.createElement("li");
  const one = document.createElement(href ? "a" : "button");
  const kind = document.createElement("small");
  const named = document.createElement("span");
  [named.textContent, named.dir, kind.textContent] = [name, "auto", says];
  if (href) one.href = href;
  else {
    one.type = "button";
    one.addEventListener("click", () => {
      dialog.close();
      does();
    });
  }
  if (!number) one.dataset.first = "";
  one.append(named, " ", kind);
  line.append(one);
  return line;
}

// What only the base knows comes a moment later.
async function ask() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const form = document.getElementById("composer");
  far = [];
  await new Promise((done) => setTimeout(done, SOON));
  if (signal.aborted || !field.value.trim()) return;
  const found = await mentions(form, field.value.trim(), signal).catch(() => null);
  if (!found || signal.aborted || list.contains(document.activeElement)) return;
  const files = form ? found.files.slice(0, 6).map(({ name, says, puts }) => ({ name, says, does: () => say(form, puts) })) : [];
  far = [...found.threads.map(({ name, says, id }) => ({ name, says, href: `${location.origin}/threads/${id}` })), ...files];
  draw();
}

function say(form, puts) {
  const { text } = form.elements;
  text.focus();
  text.setRangeText(`${puts} `, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function openPalette() {
  field.value = "";
  far = [];
  draw();
  dialog.showModal();
  const known = await get("/v1/projects").catch(() => null);
  projects = (known ?? []).map(({ id, name }) => ({ name, says: "project", href: `${location.origin}/projects#${id}` }));
  if (!list.contains(document.activeElement)) draw();
}

field.addEventListener("input", () => {
  ask();
  draw();
});

dialog.addEventListener("keydown", (event) => {
  const all = [...list.querySelectorAll("a, button")];
  const at = all.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    (all[at + step] ?? field).focus();
  } else if (event.key === "Enter" && document.activeElement === field) {
    event.preventDefault();
    all[0]?.click();
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (dialog.open) dialog.close();
    else openPalette();
  }
});
