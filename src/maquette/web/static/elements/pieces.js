// What was drawn of each token, and its HTML: as long as that is the same, so are its nodes. Cleaning costs most, so lists
// and tables are drawn row by row, and a row more doesn't have all of them cleaned again.
import { become } from "./becoming.js";
import { cleaned, htmlOf } from "./markup.js";

const ROWS = { list: "items", table: "rows" };

// The rows of what holds nothing else; with what broke out of it, so that no word is lost.
function rowsIn(drawn) {
  const whole = drawn.querySelector("ul, ol, table");
  const rows = [...(whole.tBodies?.[0] ?? whole).children];
  rows.at(-1)?.append(...[...drawn.childNodes].filter((node) => node !== whole && node.textContent.trim()));
  return rows;
}

class Piece {
  raw = "";
  nodes = [];
  #html = null;
  #rows = null;

  // Within `parent`, before the nodes of those that come `after` it.
  draw(parent, token, after) {
    this.raw = token.raw;
    const field = token.isRow ? undefined : ROWS[token.type];
    const html = htmlOf(field ? { ...token, [field]: [] } : token);
    if (html !== this.#html || !field !== !this.#rows) {
      const drawn = cleaned(html);
      this.nodes = become(parent, this.nodes, token.isRow ? rowsIn(drawn) : [...drawn.childNodes], after);
      this.#html = html;
      this.#rows = field ? [] : null;
    }
    if (!field || !(token[field].length || this.#rows.length)) return;
    const [whole] = this.nodes;
    const rows = token[field].map((row) => ({ ...token, isRow: true, [field]: [row] }));
    this.#rows = drawAll(field === "items" ? whole : (whole.tBodies[0] ?? whole.createTBody()), this.#rows, rows);
  }

  remove() {
    for (const node of this.nodes) node.remove();
  }
}

// Pieces, the last within `parent`, become those of other tokens.
export function drawAll(parent, pieces, tokens) {
  for (const piece of pieces.slice(tokens.length)) piece.remove();
  return tokens.map((token, at) => {
    const piece = pieces[at] ?? new Piece();
    piece.draw(parent, token, () => pieces.slice(at + 1).find(({ nodes }) => nodes.length)?.nodes[0]);
    return piece;
  });
}
