// Where TeX is in a text. A place is held for it, which `tex.js` fills: with the source in it, it can be read until then.
const at = (found) => (found < 0 ? undefined : found);
const PRICE = /^\d[\d.,]*[kKmMbB]?n?(?:[\s/–-]|$)(?=.*[a-z]{2})(?!.*\\)/s;

// `$5 and $6` are prices: between single dollars no space comes first or last, nor a letter or digit after them.
const INLINE = [
  /^\$\$((?:[^$\\\n]|\\[^]|\n(?![ \t]*\n)){1,1000})\$\$/,
  /^\\\[((?:[^\\\n]|\\[^\]]|\n(?![ \t]*\n)){1,1000})\\\]/,
  /^\$(?![\s$])((?:[^$\\\n]|\\.){1,1000})(?<!\s)\$(?![\w$])/,
  /^\\\(((?:[^\\\n]|\\[^)]){1,1000})\\\)/,
];
const BLOCK = [
  /^ {0,3}\$\$((?:[^$\\\n]|\\[^]|\n(?![ \t]*\n)){1,4000})\$\$[ \t]*(?:\n|$)/,
  /^ {0,3}\\\[((?:[^\\\n]|\\[^\]]|\n(?![ \t]*\n)){1,4000})\\\][ \t]*(?:\n|$)/,
];
// What has begun on a line of its own and has no end is neither a list nor a heading.
const OPEN = /^ {0,3}(?:\$\$|\\\[)\n((?:[^\n]|\n(?![ \t]*\n)){0,4000})(?=\n[ \t]*\n|$)/;

export const mayHold = (text) => /\$|\\[([]/.test(text);

const escaped = (text) => new Option(text).innerHTML;

// HTML of it.
export const placeFor = (tex, display) => `<code data-math="${display ? "block" : "inline"}">${escaped(tex)}</code>`;

export const extensions = [
  {
    name: "mathBlock",
    level: "block",
    start: (src) => at(src.search(/(?<=\n) {0,3}(?:\$\$|\\\[)/)),
    tokenizer(src) {
      const found = BLOCK.map((shape) => shape.exec(src)).find(Boolean);
      if (found) return { type: "mathBlock", raw: found[0], tex: found[1].trim() };
      const open = OPEN.exec(src);
      return open ? { type: "mathBlock", raw: open[0], tex: open[1], isOpen: true } : undefined;
    },
    renderer: ({ tex, isOpen }) => `<p>${isOpen ? `<code>${escaped(tex)}</code>` : placeFor(tex, true)}</p>\n`,
  },
  {
    name: "mathInline",
    level: "inline",
    start: (src) => at(src.search(/\$|\\[([]/)),
    tokenizer(src, tokens) {
      if (src[0] === "$" ? /[\w$\\]$/.test(tokens.at(-1)?.raw ?? "") : !/^\\[([]/.test(src)) return undefined;
      const which = INLINE.findIndex((shape) => shape.test(src));
      if (which < 0) return undefined;
      const [raw, tex] = INLINE[which].exec(src);
      if (which === 2 && PRICE.test(tex)) return undefined;
      return { type: "mathInline", raw, tex: tex.trim(), display: which < 2 };
    },
    renderer: ({ tex, display }) => placeFor(tex, display),
  },
];
