// A diagram's source becomes a frame in which it is drawn once it is near, with the source one click below. The frame is
// believed nothing but a height.
const PATIENCE = 15_000;
const HIGHEST = 4_000;
const MOST = 8;

const diagrams = new Map();
const system = matchMedia("(prefers-color-scheme: dark)");
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) diagrams.get(target)?.come(isIntersecting);
  },
  { rootMargin: "150%" },
);

class Diagram {
  figure = document.createElement("figure");
  #source;
  #frame = null;
  #near = false;
  #height = 0;
  #late = 0;
  #grow;

  constructor(pre, grow) {
    this.#grow = grow;
    const below = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "Source of the diagram";
    this.#source = pre.textContent;
    this.figure.className = "diagram";
    pre.replaceWith(this.figure);
    below.append(summary, pre);
    this.figure.append(below);
    diagrams.set(this.figure, this);
    seen.observe(this.figure);
  }

  come(near) {
    this.#near = near;
    if (near && !this.#frame) this.#begin();
    else if (!this.figure.isConnected) this.#forget();
  }

  #begin() {
    const drawn = [...diagrams.values()].filter((diagram) => diagram.#frame);
    if (drawn.length >= MOST) drawn.find((diagram) => diagram.#mayRest)?.#rest();
    this.#frame = document.createElement("iframe");
    this.#frame.setAttribute("sandbox", "allow-scripts");
    this.#frame.title = "Diagram";
    this.#frame.src = "/diagram";
    this.#frame.height = this.#height || 120;
    this.#frame.addEventListener("load", () => this.tell());
    this.figure.prepend(this.#frame);
    this.#late = setTimeout(() => this.#fail("it takes too long"), PATIENCE);
  }

  tell() {
    const { colours } = document.documentElement.dataset;
    const dark = colours ? colours === "dark" : system.matches;
    this.#frame?.contentWindow.postMessage({ source: this.#source, dark }, "*");
  }

  // Far from what is looked at it needs no memory; its place stays as high as it was.
  get #mayRest() {
    return !this.#near && this.#height;
  }

  #rest() {
    this.figure.style.minHeight = `${this.figure.offsetHeight}px`;
    this.#end();
  }

  hear({ source, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow) return;
    if (typeof data?.failed === "string") return this.#fail(data.failed);
    if (!Number.isFinite(data?.height) || data.height <= 0) return;
    clearTimeout(this.#late);
    this.#height = Math.min(Math.ceil(data.height), HIGHEST);
    this.#grow(() => {
      this.#frame.height = this.#height;
      this.figure.style.minHeight = "";
    });
  }

  #forget() {
    seen.unobserve(this.figure);
    diagrams.delete(this.figure);
  }

  #end() {
    clearTimeout(this.#late);
    this.#frame.remove();
    this.#frame = null;
  }

  #fail(why) {
    const note = document.createElement("p");
    note.className = "note";
    note.textContent = `This diagram can’t be drawn: ${why}`;
    this.#end();
    this.#forget();
    this.figure.prepend(note);
    this.figure.querySelector("details").open = document.documentElement.dataset.face !== "plain";
  }
}

addEventListener("message", (event) => {
  for (const diagram of diagrams.values()) diagram.hear(event);
});

const tellAll = () => diagrams.forEach((diagram) => diagram.tell());
document.addEventListener("colours", tellAll);
system.addEventListener("change", tellAll);

// The figure that is in the place of the source then; `grow` does what makes a page longer.
export const show = (pre, grow) => new Diagram(pre, grow).figure;
