// A worker: which letters of a code are of which kind, by its language. However long it takes, no page waits for it.
import hljs from "../vendor/highlight.js";

const KINDS = {
  word: ["keyword", "literal", "selector-tag", "name", "bullet", "template-tag", "tag"],
  name: ["title", "section", "selector-class", "selector-id", "link"],
  text: ["string", "regexp", "symbol", "char", "code"],
  number: ["number"],
  type: ["type", "class", "built_in", "attr", "attribute", "property", "variable", "template-variable"],
  note: ["comment", "quote", "doctag", "meta", "prompt"],
  plus: ["addition"],
  minus: ["deletion"],
};
const kinds = new Map(Object.entries(KINDS).flatMap(([kind, scopes]) => scopes.map((scope) => [scope, kind])));

// [from, to, kind] after one another, the innermost kind of each letter.
function spans(node, kind, at, into) {
  for (const child of node.children) {
    if (typeof child === "string") {
      if (kind) into.push([at, at + child.length, kind]);
      at += child.length;
    } else {
      at = spans(child, kinds.get(child.scope?.split(".")[0]) ?? kind, at, into);
    }
  }
  return at;
}

addEventListener("message", ({ data: { language, text } }) => {
  const found = [];
  if (hljs.getLanguage(language)) {
    spans(hljs.highlight(text, { language, ignoreIllegals: true })._emitter.root, null, 0, found);
  }
  postMessage(found);
});
