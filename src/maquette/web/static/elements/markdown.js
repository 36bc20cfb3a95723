// <mark-down>: its text, as Markdown, becomes marked-up text. Whole blocks stay as they are while more is said, so
// nothing flickers. What comes out was written by a model: only plain markup stays, and nothing is fetched for it.
import { marked } from "../vendor/marked.js";
import "../vendor/purify.js";
import { keepAtEnd } from "./scrolling.js";

const purify = globalThis.DOMPurify(window);
const allowed = {
  ALLOWED_TAGS: [
    "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "table", "thead",
    "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "input", "sup", "sub", "kbd",
  ],
  ALLOWED_ATTR: ["href", "align", "start", "type", "checked", "disabled"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  RETURN_DOM_FRAGMENT: true,
};

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("rel", "noreferrer noopener");
    node.setAttribute("target", "_blank");
  } else if (node.tagName === "INPUT") {
    if (node.getAttribute("type") === "checkbox") node.setAttribute("disabled", "");
    else node.remove();
  } else if (/^H[1-6]$/.test(node.tagName)) {
    node.setAttribute("role", "heading");
    node.setAttribute("aria-level", "3");
  } else if (node.tagName === "PRE") {
    node.setAttribute("tabindex", "0");
  }
  if (/^(P|UL|OL|H[1-6]|TH|TD|BLOCKQUOTE)$/.test(node.tagName)) node.setAttribute("dir", "auto");
});

// A picture would be fetched from wherever the text says: its description and address are shown instead.
marked.use({
  gfm: true,
  renderer: {
    image({ href, text }) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = text || href;
      return link.outerHTML;
    },
  },
});

function drawn(token, links) {
  const tokens = [token];
  tokens.links = links;
  return purify.sanitize(marked.parser(tokens), allowed);
}

class MarkDown extends HTMLElement {
  #text = "";
  #blocks = [];
  #due = false;

  connectedCallback() {
    if (this.#blocks.length || this.dataset.drawn) return;
    this.#text = this.textContent;
    this.textContent = "";
    this.#draw();
  }

  say(text, whole) {
    this.#text = whole ? text : this.#text + text;
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    keepAtEnd(() => this.#drawBlocks());
  }

  #drawBlocks() {
    this.dataset.drawn = "1";
    const tokens = marked.lexer(this.#text);
    const links = tokens.links;
    let same = 0;
    while (same < tokens.length && same < this.#blocks.length && this.#blocks[same].raw === tokens[same].raw) same++;
    for (const block of this.#blocks.splice(same)) for (const node of block.nodes) node.remove();
    for (const token of tokens.slice(same)) {
      const fragment = drawn(token, links);
      const nodes = [...fragment.childNodes];
      this.append(fragment);
      this.#blocks.push({ raw: token.raw, nodes });
    }
    this.#level();
  }

  // Under the page's own headings, and without a gap, whichever levels the text uses.
  #level() {
    const headings = [...this.querySelectorAll("[role=heading]")];
    const used = [...new Set(headings.map((heading) => heading.tagName))].sort();
    for (const heading of headings) heading.setAttribute("aria-level", String(3 + used.indexOf(heading.tagName)));
  }
}

customElements.define("mark-down", MarkDown);
