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

// Each that has no end is looked for far; where so many have none, no text is meant by them.
const VAIN = 100;
// So far into words among which nothing is marked up, it isn't looked for at all.
const PLAIN = 4_000;
let vain = 0;

export const readAnew = () => (vain = 0);

export const mayHold = (text) => /\$|\\[([]/.test(text);

const escaped = (text) => new Option(text).innerHTML;

// HTML of it.
export const placeFor = (tex, display) => `<code data-math="${display ? "block" : "inline"}">${escaped(tex)}</code>`;

export const extensions = [
  {
    name: "mathBlock",
    level: "block",
    start(src) {
      if (vain > VAIN) return undefined;
      const found = /\n[ \t]*\n|(?<=\n) {0,3}(?:\$\$|\\\[)/.exec(src);
      return found?.[0].startsWith("\n") ? undefined : found?.index;
    },
    tokenizer(src) {
      if (vain > VAIN || !/^ {0,3}(?:\$\$|\\\[)/.test(src)) return undefined;
      const found = BLOCK.map((shape) => shape.exec(src)).find(Boolean);
      if (found) return { type: "mathBlock", raw: found[0], tex: found[1].trim() };
      const open = OPEN.exec(src);
      if (open) return { type: "mathBlock", raw: open[0], tex: open[1], isOpen: true };
      vain++;
      return undefined;
    },
    renderer: ({ tex, isOpen }) => `<p>${isOpen ? `<code>${escaped(tex)}</code>` : placeFor(tex, true)}</p>\n`,
  },
  {
    name: "mathInline",
    level: "inline",
    start: (src) => at(src.search(/\$|\\[([]/)),
    tokenizer(src, tokens) {
      const before = tokens.at(-1)?.raw ?? "";
      if (before.length > PLAIN) return undefined;
      if (src[0] === "$" ? /[\w$\\]$/.test(before) : !/^\\[([]/.test(src)) return undefined;
      const which = INLINE.findIndex((shape) => shape.test(src));
      if (which < 0) return undefined;
      const [raw, tex] = INLINE[which].exec(src);
      if (which === 2 && PRICE.test(tex)) return undefined;
      return { type: "mathInline", raw, tex: tex.trim(), display: which < 2 };
    },
    renderer: ({ tex, display }) => placeFor(tex, display),
  },
];
