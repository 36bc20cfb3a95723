// <code-colours data-language>: the code within gets colours once it is to be seen. They are found in a worker, one piece
// after another; what takes too long, or is too large, stays as it is.
const LARGEST = 50_000;
const PATIENCE = 5_000;

const asked = [];
let worker = null;
let overdue = 0;

function askNext() {
  if (!asked.length) return;
  worker ??= begin();
  overdue = setTimeout(() => {
    worker.terminate();
    worker = null;
    answer([]);
  }, PATIENCE);
  worker.postMessage(asked[0].piece);
}

function begin() {
  const worker = new Worker(new URL("./colouring.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => answer(data));
  return worker;
}

function answer(spans) {
  clearTimeout(overdue);
  asked.shift().done(spans);
  askNext();
}

function spansOf(language, text) {
  return new Promise((done) => {
    if (asked.push({ piece: { language, text }, done }) === 1) askNext();
  });
}

function wrap(node, from, to, kind) {
  const middle = from ? node.splitText(from) : node;
  if (to - from < middle.length) middle.splitText(to - from);
  const span = document.createElement("span");
  span.className = `code-${kind}`;
  middle.replaceWith(span);
  span.append(middle);
}

// Lines that follow one another in a file, each a <code>; of those only what `gets` colours. From the end on, so that what
// is before stays where it is.
async function colour(language, lines, gets = () => true) {
  const text = lines.map((line) => line.textContent).join("\n");
  if (!text || text.length > LARGEST) return;
  const spans = await spansOf(language, text);
  if (!spans.length || text !== lines.map((line) => line.textContent).join("\n")) return;
  const nodes = [];
  let at = 0;
  for (const line of lines) {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (gets(line)) nodes.push({ node, from: at, to: at + node.length });
      at += node.length;
    }
    at += 1;
  }
  let last = spans.length - 1;
  for (const { node, from, to } of nodes.reverse()) {
    while (last >= 0 && spans[last][0] >= to) last--;
    for (let which = last; which >= 0 && spans[which][1] > from; which--) {
      const [start, end, kind] = spans[which];
      wrap(node, Math.max(start, from) - from, Math.min(end, to) - from, kind);
    }
  }
}

// A difference holds two files: what was, and what is. Hunks don't follow one another in either.
function colourRows(language, rows) {
  const isGone = (line) => line.parentNode.matches(".minus");
  const hunk = [];
  const done = () => {
    const lines = hunk.splice(0);
    if (lines.some(isGone)) colour(language, lines.filter((line) => !line.parentNode.matches(".plus")), isGone);
    colour(language, lines.filter((line) => !isGone(line)));
  };
  for (const row of rows) {
    if (row.matches(".hunk")) done();
    else hunk.push(row.querySelector("code"));
  }
  done();
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      const rows = target.querySelectorAll(":scope > .row");
      if (rows.length) colourRows(target.dataset.language, rows);
      else colour(target.dataset.language, target.matches("code") ? [target] : [...target.querySelectorAll("code")]);
    }
  },
  { rootMargin: "50%" },
);

const known = new WeakSet();

export function colourWhenSeen(element) {
  if (known.has(element)) return;
  known.add(element);
  seen.observe(element);
}

customElements.define(
  "code-colours",
  class extends HTMLElement {
    connectedCallback() {
      if (this.dataset.language) colourWhenSeen(this);
    }
  },
);
