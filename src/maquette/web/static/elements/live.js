import { keepTyped, merge } from "./merging.js";
import { drawNotices, notice, watches } from "./notices.js";
import { append, becomes, leave, say, settle } from "./saying.js";
import { keepAtEnd } from "./scrolling.js";

// <live-page>: holds the page's stream while the page is seen, puts blocks where they belong, and lets text be said.
// A page that can't be seen lets go of its line (browsers have few for each address) and resumes where it was; but for the
// one that keeps watch.
const LATER = 2000;

class LivePage extends HTMLElement {
  #source = null;
  #cursor = null;
  #again = 0;
  #title = document.title;
  #room = document.querySelector("#rail [aria-current]")?.pathname;

  connectedCallback() {
    document.addEventListener("visibilitychange", () => (this.#rests ? this.#leave() : this.#join()));
    document.addEventListener("watch", () => this.#join());
    this.#count();
    if (!this.#rests) this.#join();
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.#join());
  }

  get #rests() {
    return document.hidden && !watches();
  }

  #join() {
    if (this.#source || !this.dataset.stream) return;
    const address = new URL(this.dataset.stream, location.href);
    if (this.#cursor !== null) address.searchParams.set("after", this.#cursor);
    const source = new EventSource(address);
    source.addEventListener("draw", (event) => {
      if (event.lastEventId) this.#cursor = event.lastEventId;
      this.#draw(JSON.parse(event.data));
    });
    source.addEventListener("say", (event) => this.#say(JSON.parse(event.data)));
    source.addEventListener("open", () => this.#stand(""));
    source.addEventListener("error", () => {
      this.#stand("The line to the base is broken; trying again. Nothing you see is lost.");
      if (source.readyState !== EventSource.CLOSED) return;
      this.#leave();
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#asksAgain(), LATER);
    });
    this.#source = source;
  }

  async #asksAgain() {
    const answer = await fetch("/v1/health").catch(() => null);
    if (answer?.status === 401) location.reload();
    else if (!this.#rests) this.#join();
  }

  #leave() {
    this.#source?.close();
    this.#source = null;
  }

  #stand(why) {
    const standing = document.getElementById("standing");
    standing.textContent = why;
    standing.hidden = !why;
  }

  #draw(blocks) {
    keepAtEnd(() => {
      for (const block of blocks) this.#put(block);
      settle();
    });
    if (blocks.some(({ id }) => id === "rail")) notice();
    drawNotices();
    this.#count();
    document.dispatchEvent(new Event("drawn"));
  }

  #put({ id, html, into }) {
    const there = document.getElementById(id);
    if (id === "live") return leave();
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = holder.content.firstElementChild;
    if (!fresh) {
      if (there) handOver(there);
      there?.remove();
    }
    else if (there?.hasAttribute("data-merges")) merge(there, fresh);
    else if (there) {
      const open = there.tagName === "DETAILS" && there.open && there.dataset.opened;
      const held = there.contains(document.activeElement) && document.activeElement;
      keepTyped(there, fresh);
      there.replaceWith(fresh);
      if (held) hold(held, fresh);
      if (open) fresh.open = true;
      if (there.dataset.face) turned(fresh, there.dataset.face);
    } else if (!becomes(fresh)) {
      const holds = document.getElementById(into);
      append(holds?.querySelector(":scope > [data-slot]") ?? holds, fresh);
    }
  }

  #say({ kind, call, text, whole }) {
    if (kind === "standing") this.#stand(text && `${text} Nothing goes on until then.`);
    else if (kind === "output") {
      const output = document.getElementById(`o-${call}`);
      if (!output) return;
      output.hidden = false;
      output.textContent = (whole ? text : output.textContent + text).slice(-8000);
      output.scrollTop = output.scrollHeight;
    } else if (kind === "text") say(text, whole);
  }

  #count() {
    for (const link of document.querySelectorAll("#rail a[href]")) {
      const here = [location.pathname, this.#room].includes(link.pathname);
      if (here && link.className !== "brand") link.setAttribute("aria-current", "page");
    }
    const waiting = Number(document.getElementById("rail")?.dataset.waits ?? 0);
    const named = document.querySelector("#head h1");
    if (named) this.#title = `${named.textContent} · Maquette`;
    document.title = waiting ? `(${waiting}) ${this.#title}` : this.#title;
    const head = document.getElementById("head");
    const steer = document.querySelector("#composer .choice");
    if (head && steer) steer.hidden = !["running", "waiting"].includes(head.dataset.state);
  }
}

function turned(card, face) {
  card.dataset.face = face;
  const run = card.querySelector("details.run");
  if (run) run.open = face === "detail";
  card.querySelector("[data-turns]")?.setAttribute("aria-pressed", "true");
}

// The keyboard stays on what is the same as before.
function hold({ tagName, href, textContent }, fresh) {
  const alike = [...fresh.querySelectorAll(tagName)].filter((one) => one.href === href);
  (alike.find((one) => one.textContent === textContent) ?? (href && alike[0]))?.focus({ preventScroll: true });
}

// What was being changed and has begun meanwhile isn't lost: it can still be said.
function handOver(there) {
  const say = document.getElementById("say");
  for (const field of there.querySelectorAll("textarea")) {
    if (say && !say.value && field.value !== field.defaultValue && field.offsetParent) {
      say.value = field.value;
      say.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

document.addEventListener("click", (event) => {
  const details = event.target.closest("summary")?.parentElement;
  if (details) details.dataset.opened = "1";
});

if (document.querySelector("article.thread") && !location.hash) scrollTo(0, document.documentElement.scrollHeight);
customElements.define("live-page", LivePage);
