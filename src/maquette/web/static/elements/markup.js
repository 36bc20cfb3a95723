// What a model wrote, as Markdown, into markup: only plain markup stays, and nothing is fetched for it.
import { Lexer, Marked } from "../vendor/marked.js";
import "../vendor/purify.js";
import { extensions, mayHold, placeFor, readAnew } from "./math.js";

const purify = globalThis.DOMPurify(window);
const allowed = {
  ALLOWED_TAGS: [
    "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "table", "thead",
    "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "input", "sup", "sub", "kbd",
  ],
  ALLOWED_ATTR: ["href", "align", "start", "type", "checked", "disabled", "data-language", "data-math"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  ADD_URI_SAFE_ATTR: ["align", "start", "type", "data-language", "data-math"],
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("rel", "noreferrer noopener");
    node.setAttribute("target", "_blank");
  } else if (node.tagName === "INPUT") {
    if (node.getAttribute("type") !== "checkbox") return node.remove();
    node.setAttribute("disabled", "");
    node.setAttribute("aria-label", node.hasAttribute("checked") ? "done" : "to do");
  } else if (/^H[1-6]$/.test(node.tagName)) {
    node.setAttribute("role", "heading");
  } else if (node.tagName === "PRE") {
    node.setAttribute("tabindex", "0");
  }
  const turns = /^(P|UL|OL|H[1-6]|TH|TD|BLOCKQUOTE)$/.test(node.tagName);
  if (turns && !(node.tagName === "P" && /^(LI|BLOCKQUOTE)$/.test(node.parentNode.nodeName))) node.setAttribute("dir", "auto");
});

const own = {
  gfm: true,
  renderer: {
    code({ text, lang }) {
      const language = lang?.match(/^[\w+#.-]+/)?.[0].toLowerCase();
      if (language === "math") return `<p>${placeFor(text, true)}</p>\n`;
      const code = document.createElement("code");
      if (language) code.dataset.language = language;
      code.textContent = text.replace(/\n+$/, "");
      return `<pre>${code.outerHTML}</pre>\n`;
    },
    // It would be fetched from wherever the text says: its description and address are shown instead.
    image({ href, text }) {
      const link = document.createElement("a");
      link.href = href;
      link.textContent = text || href;
      return link.outerHTML;
    },
  },
};
const plain = new Marked(own);
const withMath = new Marked(own, { extensions });

// Its tokens; they carry the `links` that are known when it was read, those given among them. A link that is opened as
// HTML and not closed goes no further than its block.
export function read(text, links) {
  readAnew();
  const lexer = new Lexer((mayHold(text) ? withMath : plain).defaults);
  Object.assign(lexer.tokens.links, links);
  try {
    lexer.blockTokens(text, lexer.tokens);
    for (const { src, tokens } of lexer.inlineQueue) {
      lexer.state.inLink = lexer.state.inRawBlock = false;
      lexer.inlineTokens(src, tokens);
    }
  } catch {
    lexer.tokens.splice(0, Infinity, asWritten(text)); // nested deeper than the stack
  }
  return lexer.tokens;
}

const asWritten = (raw) => ({ type: "code", raw, text: raw });

// By itself, so that a token which opens an element and doesn't close it keeps that to itself.
export function htmlOf(token) {
  try {
    return withMath.parser([token]);
  } catch {
    return withMath.parser([asWritten(token.raw)]);
  }
}

let fill = null;

export function cleaned(html) {
  const fragment = purify.sanitize(html, allowed);
  const places = fragment.querySelectorAll("code[data-math]");
  if (places.length && fill) places.forEach(fill);
  else if (places.length) bringMath();
  return fragment;
}

async function bringMath() {
  ({ fill } = await import("./tex.js"));
  document.querySelectorAll("code[data-math]").forEach(fill);
}
