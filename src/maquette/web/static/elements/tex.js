// TeX into MathML, of which only what draws stays. What can't be read as TeX is left as it is written.
import "../vendor/purify.js";

const purify = globalThis.DOMPurify(window);
const allowed = {
  ALLOWED_TAGS: [
    "math", "mrow", "mi", "mn", "mo", "ms", "mspace", "mtext", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom",
    "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr",
    "mtd", "span",
  ],
  ALLOWED_ATTR: [
    "accent", "accentunder", "class", "columnspan", "data-style", "depth", "display", "displaystyle", "fence", "form",
    "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "notation",
    "rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^[\w.,:;#%+() -]*$/,
  RETURN_DOM_FRAGMENT: true,
};
const STYLES = /^(?:background-color|border(?:-\w+)*|color|display|font-(?:size|style|weight)|height|margin(?:-\w+)?|math-\w+|padding(?:-\w+)?|text-align|vertical-align|width)$/;
const OPTIONS = { throwOnError: true, trust: false, maxExpand: 200, maxSize: [20, 50] };
const LARGEST = 40_000;
const KEPT = 500;

const file = (path) => new URL(path, import.meta.url).href;

await new Promise((done, failed) => {
  const looks = Object.assign(document.createElement("link"), { rel: "stylesheet", href: file("../vendor/temml.css") });
  const script = Object.assign(document.createElement("script"), { src: file("../vendor/temml.js") });
  script.addEventListener("load", done);
  script.addEventListener("error", failed);
  document.head.append(looks, script);
});

// Pages take no style from HTML, but from a script of theirs.
function dress(node) {
  for (const said of node.dataset.style.split(";")) {
    const [name, value] = said.split(":");
    if (STYLES.test(name) && !/url|image/i.test(value)) node.style.setProperty(name, value);
  }
  delete node.dataset.style;
}

const drawn = new Map();

function draw(tex, displayMode) {
  try {
    const html = globalThis.temml.renderToString(tex, { ...OPTIONS, displayMode });
    if (html.length > LARGEST) return null;
    const fragment = purify.sanitize(html.replaceAll(' style="', ' data-style="'), allowed);
    fragment.querySelectorAll("[data-style]").forEach(dress);
    return fragment.querySelector("math");
  } catch {
    return null;
  }
}

// A place with TeX in it becomes what it says.
export function fill(place) {
  const display = place.dataset.math === "block";
  const key = `${display}${place.textContent}`;
  if (drawn.size > KEPT) drawn.clear();
  if (!drawn.has(key)) drawn.set(key, draw(place.textContent, display));
  const math = drawn.get(key)?.cloneNode(true);
  if (!math) return;
  place.replaceWith(math);
}
