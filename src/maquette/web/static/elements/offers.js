// While somebody writes: @ offers files and threads to name; / at the start offers what can be done here now, and
// skills. What can be done is what the page has a form or a button for (data-command), so nothing else is offered.
import { buttonOf, doers, press } from "./commands.js";
import { get, mentions, projectOf } from "./mentions.js";

const field = document.getElementById("say");
const list = document.getElementById("offers");
const count = document.getElementById("offered");
const SOON = 80;
const MOST = 20;

let offers = [];
let at = 0;
let asked = null;
let dismissed = null;
let asking = new AbortController();

function trigger() {
  if (field.selectionStart !== field.selectionEnd) return null;
  const before = field.value.slice(0, field.selectionStart);
  const mention = before.match(/(?:^|\s)@([^\s@]*)$/);
  if (mention) return { find: named, typed: mention[1], from: before.length - mention[1].length - 1 };
  const doing = before.match(/^\/(\S*)$/);
  return doing && { find: doings, typed: doing[1], from: 0 };
}

async function named(typed, signal) {
  const { files, threads } = await mentions(field.form, typed, signal);
  return [...files, ...threads];
}

async function doings(typed, signal) {
  const commands = [...doers()].map(([does, one]) => ({ name: `/${does}`, says: one.textContent.trim(), does }));
  const project = projectOf(field.form);
  const found = await get(`/v1/skills${project ? `?project=${encodeURIComponent(project)}` : ""}`, signal);
  const skills = (found?.skills ?? []).map(({ name, when }) => ({ name: `/${name}`, says: when, puts: `/${name}` }));
  return [...commands, ...skills].filter(({ name }) => name.includes(typed.toLowerCase())).slice(0, MOST);
}

async function look() {
  const now = trigger();
  asking.abort();
  if (now?.from !== dismissed) dismissed = null;
  if (!now || dismissed !== null) return close();
  asking = new AbortController();
  const { signal } = asking;
  await new Promise((done) => setTimeout(done, SOON));
  if (signal.aborted) return;
  const found = await now.find(now.typed, signal).catch(() => []);
  if (!signal.aborted) show(now, found);
}

function show(now, found) {
  if (!found.length) return close();
  [asked, offers] = [now, found];
  list.replaceChildren(...offers.map(drawn));
  list.hidden = false;
  field.setAttribute("aria-controls", list.id);
  count.textContent = offers.length === 1 ? "1 offer" : `${offers.length} offers`;
  choose(0);
}

function drawn({ name, says }, number) {
  const line = document.createElement("li");
  const [bold, small] = [document.createElement("b"), document.createElement("small")];
  Object.assign(line, { id: `offer-${number}`, role: "option" });
  Object.assign(bold, { textContent: name, dir: "auto" });
  small.textContent = says;
  line.append(bold, " ", small);
  return line;
}

function choose(number) {
  at = (number + offers.length) % offers.length;
  [...list.children].forEach((line, index) => line.setAttribute("aria-selected", index === at));
  list.children[at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", list.children[at].id);
}

function close() {
  asking.abort();
  list.hidden = true;
  count.textContent = "";
  field.removeAttribute("aria-activedescendant");
  field.removeAttribute("aria-controls");
}

function take() {
  const { puts, does } = offers[at];
  close();
  field.setRangeText(puts ? `${puts} ` : "", asked.from, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const doer = doers().get(does); // as it is now: the page may have been drawn anew since
  press(buttonOf(doer));
}

const keys = {
  ArrowDown: () => choose(at + 1),
  ArrowUp: () => choose(at - 1),
  Enter: take,
  Tab: take,
  Escape: () => {
    dismissed = asked.from;
    close();
  },
};

if (list) {
  field.addEventListener("input", look);
  field.addEventListener("click", look);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const number = [...list.children].indexOf(event.target.closest("li"));
    if (number < 0) return;
    choose(number);
    take();
  });
}
