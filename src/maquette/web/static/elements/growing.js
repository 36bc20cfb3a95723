// Text that grows: cut into pieces where nothing that may still come changes what is before, so that only its end, which
// is open, has to be read again.
import { read } from "./markup.js";

// The first of the tokens that may still become another: those before the last that follows a blank line and has a
// whole line of its own stay what they are.
function firm(tokens) {
  for (let at = tokens.length - 1; at > 0; at--) {
    const begun = tokens[at].type !== "space" && (tokens[at].raw.includes("\n") || at < tokens.length - 1);
    if (begun && /\n[ \t]*\n[ \t]*$/.test(tokens[at - 1].raw)) return at;
  }
  return 0;
}

const rawOf = (tokens) => tokens.map(({ raw }) => raw).join("");

export class Growing {
  text = "";
  #at = 0;
  #links = {};
  #told = "{}";
  #returned = false;

  add(text) {
    this.text += (this.#returned && text.startsWith("\n") ? text.slice(1) : text).replace(/\r\n?/g, "\n");
    if (text) this.#returned = text.endsWith("\r");
  }

  // What came since: `closed`, tokens that will stay; `open`, those that may change; the `links` that go for all of the
  // text, and whether they are `others` than before.
  next() {
    const tokens = read(this.text.slice(this.#at), this.#links);
    const { links } = tokens;
    let closed = tokens.slice(0, firm(tokens));
    const raw = rawOf(closed);
    if (!this.text.startsWith(raw, this.#at)) closed = [];
    else if (raw) {
      this.#at += raw.length;
      if (Object.keys(links).length > Object.keys(this.#links).length) this.#links = { ...read(raw, this.#links).links };
    }
    const told = JSON.stringify(links);
    const others = told !== this.#told;
    this.#told = told;
    return { closed, open: tokens.slice(closed.length), links, others };
  }
}
