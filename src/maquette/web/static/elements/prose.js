// Markdown drawn within an element, and drawn further as it grows: of what is there already only the last piece is read
// again, and of that only what differs is another afterwards.
import { colourWhenSeen } from "./colours.js";
import { Growing } from "./growing.js";
import { read } from "./markup.js";
import { drawAll } from "./pieces.js";
import { keepAtEnd } from "./scrolling.js";

const HEADINGS = "h1, h2, h3, h4, h5, h6";
const isHeaded = (node) => node.matches?.(HEADINGS) || node.querySelector?.(HEADINGS);

// What is worth doing only with what stays as it is.
function finish(pieces) {
  for (const piece of pieces) {
    const codes = piece.nodes.flatMap((node) => [...(node.querySelectorAll?.("pre > code[data-language]") ?? [])]);
    for (const code of codes) {
      if (code.dataset.language === "mermaid") finishDiagram(piece, code.parentNode);
      else colourWhenSeen(code);
    }
  }
}

async function finishDiagram(piece, pre) {
  const { show } = await import("./diagrams.js");
  if (!pre.isConnected || pre.closest(".diagram")) return;
  const figure = show(pre, keepAtEnd);
  piece.nodes = piece.nodes.map((node) => (node === pre ? figure : node));
}

export class Prose {
  #place;
  #growing = new Growing();
  #closed = [];
  #open = [];
  #headed = false;
  #isDrawn = false;

  constructor(place) {
    this.#place = place;
  }

  get text() {
    return this.#growing.text;
  }

  add(text) {
    this.#growing.add(text);
    this.#isDrawn = false;
  }

  beginAnew() {
    this.#growing = new Growing();
    this.#open = this.#closed.splice(0).concat(this.#open);
  }

  draw() {
    if (this.#isDrawn) return;
    this.#isDrawn = true;
    const { closed, open, links, others } = this.#growing.next();
    if (others) this.#linkAgain(links);
    this.#open = drawAll(this.#place, this.#open, [...closed, ...open]);
    const headed = this.#open.some(({ nodes }) => nodes.some(isHeaded));
    const ended = this.#open.splice(0, closed.length);
    this.#closed.push(...ended);
    finish(ended);
    if (headed || this.#headed) this.#level();
    this.#headed = headed;
  }

  // Nothing more will come.
  end() {
    this.draw();
    finish(this.#open);
  }

  // Where a link leads may be said after the words that are the link.
  #linkAgain(links) {
    for (const piece of this.#closed.filter(({ raw }) => raw.includes("["))) {
      piece.draw(this.#place, read(piece.raw, links)[0]);
    }
  }

  // Under the page's own headings, and without a gap, whichever levels the text uses.
  #level() {
    const headings = [...this.#place.querySelectorAll(HEADINGS)];
    const used = [...new Set(headings.map((heading) => heading.tagName))].sort();
    for (const heading of headings) heading.setAttribute("aria-level", String(3 + used.indexOf(heading.tagName)));
  }
}
