// <mark-down>: its text, as Markdown, becomes marked-up text; so does what is said to it, at most once a frame.
import { Prose } from "./prose.js";
import { keepAtEnd } from "./scrolling.js";

let left = null;

class MarkDown extends HTMLElement {
  #prose = new Prose(this);
  #due = false;

  connectedCallback() {
    if (this.dataset.drawn) return;
    this.dataset.drawn = "1";
    const text = this.textContent;
    this.textContent = "";
    if (left?.text === text) {
      this.#prose = left;
      left.moveTo(this);
    } else this.#prose.add(text);
    this.#prose.end();
  }

  say(text, whole) {
    if (whole) this.#prose.beginAnew();
    this.#prose.add(text);
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      keepAtEnd(() => this.#prose.draw());
    });
  }

  // It is said elsewhere now: the next of these with the same text, if it comes at once, takes over what was drawn here.
  leave() {
    const prose = this.#prose;
    prose.moveTo(document.createDocumentFragment());
    this.#prose = new Prose(this);
    left = prose;
    queueMicrotask(() => (left = null));
  }
}

customElements.define("mark-down", MarkDown);
