// Within the frame of a diagram (`views/diagrams.py`): draws the source that the page around it tells, and says how high it
// is, or why it can't. It trusts neither; what holds it is the frame.
const place = document.getElementById("drawn");
const READABLE = 480;
let source = "";
let dark = false;

const tell = (word) => parent.postMessage(word, "*");

async function draw() {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    theme: dark ? "dark" : "neutral",
    fontFamily: "system-ui, sans-serif",
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    maxTextSize: 20_000,
    maxEdges: 300,
    secure: [
      "secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "htmlLabels",
      "themeCSS", "fontFamily",
    ],
  });
  try {
    const { svg } = await mermaid.render("diagram", source);
    place.innerHTML = svg;
    for (const link of place.querySelectorAll("a")) {
      for (const name of link.getAttributeNames()) if (/href|target/.test(name)) link.removeAttribute(name);
    }
    const drawn = place.querySelector("svg");
    drawn.style.display = "block";
    drawn.style.marginInline = "auto";
    drawn.style.minWidth = `${Math.min(READABLE, drawn.viewBox.baseVal.width)}px`;
    measure();
  } catch (why) {
    tell({ failed: String(why?.message ?? why).split("\n")[0].slice(0, 200).replace(/:$/, "") });
  }
}

function measure() {
  const bar = innerHeight - document.documentElement.clientHeight;
  if (place.firstChild) tell({ height: Math.ceil(place.getBoundingClientRect().height) + bar });
}

addEventListener("message", (event) => {
  if (event.source !== parent || typeof event.data?.source !== "string") return;
  ({ source } = event.data);
  dark = event.data.dark === true;
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  draw();
});
new ResizeObserver(measure).observe(place);
