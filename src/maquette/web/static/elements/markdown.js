// <mark-down>: its text, as Markdown, becomes marked-up text; so does what is said to it, at most once a frame, and of what
// comes in a rush no more at a time than a frame has time for.
import { Prose } from "./prose.js";
import { keepAtEnd } from "./scrolling.js";

const MOST = 5_000;

class MarkDown extends HTMLElement {
  #prose = new Prose(this);
  #waits = "";
  #due = false;
  #ends = false;

  connectedCallback() {
    if (this.dataset.drawn) return;
    this.dataset.drawn = "1";
    const text = this.textContent;
    this.textContent = "";
    this.#prose.add(text);
    this.#prose.end();
  }

  get text() {
    return this.#prose.text + this.#waits.replace(/\r\n?/g, "\n");
  }

  say(text, whole) {
    if (whole) {
      this.#prose.beginAnew();
      this.#waits = "";
    }
    this.#waits += text;
    this.#ask();
  }

  // Nothing more will come.
  end() {
    this.#ends = true;
    if (this.#waits.length <= MOST || document.hidden) this.#draw(Infinity);
    else this.#ask();
  }

  #ask() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      keepAtEnd(() => this.#draw(MOST));
      if (this.#waits) this.#ask();
    });
  }

  #draw(most) {
    this.#prose.add(this.#waits.slice(0, most));
    this.#waits = this.#waits.slice(most);
    if (this.#ends && !this.#waits) this.#prose.end();
    else this.#prose.draw();
  }
}

customElements.define("mark-down", MarkDown);
