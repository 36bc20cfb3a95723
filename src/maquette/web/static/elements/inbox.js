// The inbox by its keys, and the way back from what was just done. And on a thread's page: that somebody has looked.
import { keys } from "./keys.js";

const all = () => [...document.querySelectorAll("#inbox-items > .item")];
const link = (item) => item?.querySelector("h3 a");
const chosen = () => document.activeElement?.closest?.(".item");
const current = () => chosen() ?? all()[0];

function step(by) {
  const items = all();
  const at = items.indexOf(chosen());
  choose(items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by]);
}

function choose(item) {
  link(item)?.focus();
  item?.scrollIntoView({ block: "nearest" });
}

const leave = (item) => choose(item.nextElementSibling ?? item.previousElementSibling);

function done() {
  const item = current();
  const form = item?.querySelector("form[data-item]");
  if (!form) return;
  leave(item);
  form.requestSubmit();
}

function reply() {
  const item = current();
  const drawer = item?.querySelector("details.drawer");
  if (drawer) drawer.open = true;
  item?.querySelector(".say :is(textarea, input:not([type=hidden])), a.say")?.focus();
}

if (document.getElementById("inbox-items")) {
  Object.assign(keys, {
    j: () => step(1),
    k: () => step(-1),
    e: done,
    l: () => current()?.querySelector("[data-puts-off]")?.click(),
    r: reply,
    z: () => document.querySelector("#undo:not([hidden]) button")?.click(),
  });
}

document.addEventListener("sent", (event) => {
  const form = event.target;
  const item = form.closest("#inbox-items > .item");
  if (item && form.closest(".say") && chosen() === item) leave(item); // what was said may bring it back elsewhere at once
  const undo = document.getElementById("undo");
  if (form.parentElement === undo) undo.hidden = true;
  if (!undo || !form.dataset.item) return;
  const title = form.dataset.title ?? link(form.closest(".item")).textContent;
  undo.querySelector("b").textContent = `${form.dataset.item}: ${title}`;
  const back = undo.querySelector("form");
  back.dataset.api = form.dataset.api.replace(/\w+$/, "back");
  back.elements.of.value = form.elements.of.value;
  undo.hidden = false;
});

// Once for each time that the rail says so.
const JSON_BODY = { "Content-Type": "application/json" };
let told = "";

function look() {
  const rail = document.getElementById("rail")?.dataset.unread ?? "";
  const thread = document.getElementById("composer")?.dataset.thread;
  const unread = Boolean(thread) && rail.split(" ").includes(thread);
  if (!unread) told = "";
  else if (!document.hidden && !told) {
    told = thread;
    fetch(`/v1/inbox/${thread}/read`, { method: "POST", headers: JSON_BODY, body: "{}" }).catch(() => (told = ""));
  }
}

document.addEventListener("drawn", look);
document.addEventListener("visibilitychange", look);
look();
