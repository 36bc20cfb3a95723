// Forms with data-api are sent as JSON to the same interface that programs use, each once at a time. An error is told in
// the form, and what was written stays. Drafts outlive a reload. A button may have an address of its own.
import { filesOf, forget } from "./pictures.js";

const drafts = (form) => `draft:${form.dataset.draft}`;

function valueOf(field) {
  switch (field.dataset.type) {
    case "boolean":
      return field.type === "checkbox" ? field.checked : field.value === "true";
    case "number":
      return Number(field.value);
    case "minutes":
      return field.value.trim() === "" ? undefined : String(Number(field.value) * 60);
    case "moment":
      return field.value ? new Date(field.value).toISOString() : undefined;
    case "wakes":
      return field.value.split("\n").filter((line) => line.trim()).map(wakeOf);
    case "text":
      return field.value.trim();
    case "maybe":
      return field.value.trim() || null;
    case "some": {
      const some = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
      return some.length ? some : undefined;
    }
    case "lines":
      return field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    default:
      return field.value.trim() === "" ? undefined : field.value;
  }
}

// `files path=in names="*.csv"`: a trigger, and its options.
function wakeOf(line) {
  const options = [...line.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, bare]) => [name, quoted ?? bare]);
  return { trigger: line.trim().split(/\s/)[0], options: Object.fromEntries(options) };
}

function bodyOf(form, submitter) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || field.closest("[hidden]") || field.type === "submit") continue;
    const names = field.name.split(".");
    const last = names.pop();
    const value = valueOf(field);
    if (value === undefined) continue;
    const into = names.reduce((within, name) => (within[name] ??= {}), body);
    if (field.dataset.type !== "each") into[last] = value;
    else if (field.checked) (into[last] ??= []).push(field.value);
    else into[last] ??= [];
  }
  if (submitter?.name) body[submitter.name] = submitter.value;
  return Object.assign(body, filesOf(form));
}

const sending = new Set();

function hold(form, held) {
  sending[held ? "add" : "delete"](form);
  for (const button of form.querySelectorAll("button")) button.disabled = held;
}

async function send(form, submitter) {
  if (sending.has(form)) return;
  const own = submitter?.dataset.api ? submitter.dataset : form.dataset;
  const alert = form.querySelector("[role=alert]");
  let leaves = false;
  alert.textContent = "";
  form.querySelector("output")?.replaceChildren(...(own.tells ? ["Asking…"] : []));
  hold(form, true);
  try {
    const answer = await fetch(own.api, {
      method: form.dataset.method ?? "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(bodyOf(form, submitter)),
    });
    const text = await answer.text();
    const told = text && (answer.headers.get("content-type") ?? "").includes("json") ? JSON.parse(text) : {};
    if (!answer.ok) throw new Error(told?.detail ?? `It was not taken (${answer.status}).`);
    leaves = sent(form, own, told ?? {});
  } catch (error) {
    form.querySelector("output")?.replaceChildren();
    alert.textContent =
      error instanceof TypeError
        ? "The base can't be reached, so nobody knows whether this arrived. Look here once it is back, then send again."
        : error.message;
  } finally {
    if (!leaves) hold(form, false);
  }
}

function sent(form, own, told) {
  if (own === form.dataset && form.dataset.draft) {
    localStorage.removeItem(drafts(form));
    forget(form);
  }
  if (own === form.dataset && (form.dataset.draft || form.dataset.waits)) form.reset();
  form.dispatchEvent(new Event("sent", { bubbles: true }));
  if (own.tells) {
    const says = own.tells.split(" ").map((name) => told[name]).filter(Boolean);
    form.querySelector("output").textContent = says.join("\n");
  }
  form.closest("dialog")?.close();
  if (own.then) location.assign(own.then.replace(/\{(\w+)\}/g, (_, name) => told[name]));
  return "then" in own;
}

// Who comes back to the page finds it as it was.
addEventListener("pagehide", () => sending.forEach((form) => hold(form, false)));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.api && (!form.dataset.sure || confirm(form.dataset.sure))) send(form, event.submitter);
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft && event.target.name === "text") localStorage.setItem(drafts(form), event.target.value);
});

document.addEventListener("click", (event) => {
  const says = event.target.closest("[data-say]");
  const field = document.getElementById("say");
  if (says && field) field.value = says.dataset.say;
  if ((says || event.target.closest("[data-focus]")) && field) field.focus();
});

// A dialog, opened by what names it; its field says what stands in the page now.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  const dialog = document.getElementById(event.target.closest("[data-opens]")?.dataset.opens ?? "");
  if (!dialog) return;
  const field = dialog.querySelector("[data-of]");
  if (field) field.value = document.querySelector(`main ${field.dataset.of}`).textContent;
  dialog.showModal();
  field?.select();
});

for (const form of document.querySelectorAll("form[data-draft]")) {
  const field = form.elements.text;
  if (field.value) localStorage.setItem(drafts(form), field.value); // written before this script was there
  else field.value = localStorage.getItem(drafts(form)) ?? "";
}
