// What a model wrote, as Markdown, into markup: only plain markup stays, and nothing is fetched for it.
import { Lexer, marked } from "../vendor/marked.js";
import "../vendor/purify.js";

const purify = globalThis.DOMPurify(window);
const allowed = {
  ALLOWED_TAGS: [
    "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "table", "thead",
    "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6", "input", "sup", "sub", "kbd",
  ],
  ALLOWED_ATTR: ["href", "align", "start", "type", "checked", "disabled"],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
  ADD_URI_SAFE_ATTR: ["align", "start", "type"],
  ALLOW_DATA_ATTR: false,
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

// Its tokens; they carry the `links` that are known when it was read, those given among them. A link that is opened as
// HTML and not closed goes no further than its block.
export function read(text, links) {
  const lexer = new Lexer();
  Object.assign(lexer.tokens.links, links);
  lexer.blockTokens(text, lexer.tokens);
  for (const { src, tokens } of lexer.inlineQueue) {
    lexer.state.inLink = lexer.state.inRawBlock = false;
    lexer.inlineTokens(src, tokens);
  }
  return lexer.tokens;
}

// By itself, so that a token which opens an element and doesn't close it keeps that to itself.
export const htmlOf = (token) => marked.parser([token]);

export const cleaned = (html) => purify.sanitize(html, allowed);
