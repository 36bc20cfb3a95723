// A gallery by keys, two pictures under one slider, and whatever says by which key it is pressed.
const field = "input:not([type=checkbox]):not([type=range]), textarea, select";

// Left and right by one, up and down by a row.
function move(gallery, key) {
  const cards = [...gallery.querySelectorAll(".gallery > li:not([hidden]) > a")];
  const at = cards.indexOf(document.activeElement);
  if (at < 0) return cards[0];
  const top = cards[0].offsetTop;
  const row = Math.max(cards.filter((card) => card.offsetTop === top).length, 1);
  return cards[at + { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[key]];
}

// On a map: to the nearest on that side.
function across(map, key) {
  const tiles = [...map.querySelectorAll("a")];
  const from = tiles.find((tile) => tile === document.activeElement);
  if (!from) return tiles[0];
  const middle = (tile) => {
    const box = tile.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const [x, y] = middle(from);
  const side = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const far = (tile) => {
    const [dx, dy] = [middle(tile)[0] - x, middle(tile)[1] - y];
    const along = dx * side[0] + dy * side[1];
    return along > 1 ? along + 2 * Math.abs(dx * side[1] + dy * side[0]) : Infinity;
  };
  const next = tiles.reduce((best, tile) => (far(tile) < far(best) ? tile : best), from);
  return next === from ? undefined : next;
}

// Two that are marked are compared.
function compared(page) {
  const taken = [...page.querySelectorAll("[data-take]:checked")].map((box) => box.dataset.take);
  if (taken.length === 2) location.assign(`${page.dataset.compare}?left=${taken[0]}&right=${taken[1]}`);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest(field) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.target.matches("[type=range]") && event.key.startsWith("Arrow")) return;
  const gallery = document.querySelector("#gallery");
  const map = document.querySelector(".map");
  if ((gallery || map) && event.key.startsWith("Arrow")) {
    const next = map ? across(map, event.key) : move(gallery, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return;
  }
  if (gallery && event.key === "x") {
    document.activeElement.closest("li")?.querySelector("[data-take]")?.click();
    return;
  }
  const pressed = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === event.key);
  if (!pressed) return;
  event.preventDefault();
  const because = pressed.value === "neither" && pressed.form.querySelector("[data-because]");
  if (because && !because.value) because.focus();
  else pressed.click();
});

// Those that say what is looked for; the others are out of sight until it is looked for no more.
function found() {
  const words = document.querySelector("[data-finds]")?.value.trim().toLowerCase() ?? "";
  for (const card of document.querySelectorAll(".gallery > li")) {
    const says = `${card.querySelector("a").getAttribute("aria-label")} ${card.textContent}`.toLowerCase();
    card.hidden = words !== "" && !says.includes(words);
  }
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-finds]")) found();
});

// When the gallery is drawn anew, the card that had the keyboard has it still, and what is marked stays marked.
let held = "";
const marked = new Set();

document.addEventListener("focusin", (event) => {
  held = event.target.closest(".gallery > li")?.id ?? "";
});

document.addEventListener("change", (event) => {
  const number = event.target.dataset.take;
  if (!number) return;
  marked[event.target.checked ? "add" : "delete"](number);
  compared(event.target.closest("[data-compare]"));
});

function again() {
  found();
  for (const box of document.querySelectorAll("[data-take]")) box.checked = marked.has(box.dataset.take);
  const card = held && document.activeElement === document.body && document.getElementById(held);
  if (card) card.querySelector("a").focus({ preventScroll: true });
}

const drawn = document.querySelector("[data-compare]");
if (drawn) new MutationObserver(again).observe(drawn, { childList: true });

customElements.define(
  "two-pictures",
  class extends HTMLElement {
    connectedCallback() {
      const slider = this.querySelector("[type=range]");
      const cut = () => this.style.setProperty("--cut", `${slider.value}%`);
      slider.addEventListener("input", cut);
      cut();
    }
  },
);

// Who says something of an attempt finds its page where it was.
const place = "attempt-at";

document.addEventListener("sent", (event) => {
  if (event.target.closest(".attempt-page")) sessionStorage.setItem(place, `${location.pathname} ${scrollY}`);
});

addEventListener("load", () => {
  const [path, at] = (sessionStorage.getItem(place) ?? "").split(" ");
  if (path === location.pathname) scrollTo(0, Number(at));
  sessionStorage.removeItem(place);
});

// A film, or several in step: one picture of each is seen, the one after the step that is told.
const PACE = 900;

customElements.define(
  "flip-book",
  class extends HTMLElement {
    #timer = 0;

    connectedCallback() {
      this.querySelector("[type=range]").addEventListener("input", () => this.#stop());
      this.addEventListener("input", () => this.#show());
      this.querySelector("[data-plays]").addEventListener("click", () => (this.#timer ? this.#stop() : this.#play()));
      this.#show();
    }

    disconnectedCallback() {
      this.#stop();
    }

    get #slider() {
      return this.querySelector("[type=range]");
    }

    #show() {
      const at = Number(this.#slider.value);
      for (const reel of this.querySelectorAll(".reels > *")) {
        const frames = [...reel.querySelectorAll("[data-frame]")];
        const seen = frames.findLast((frame) => Number(frame.dataset.frame) <= at) ?? frames[0];
        for (const frame of frames) frame.hidden = frame !== seen;
      }
      this.querySelector("output").textContent = this.querySelectorAll("li")[at].textContent;
    }

    #play() {
      const slider = this.#slider;
      if (slider.value === slider.max) slider.value = 0;
      else slider.value = Number(slider.value) + 1;
      this.#show();
      this.#say("pause");
      this.#timer = setInterval(() => {
        if (slider.value === slider.max) return this.#stop();
        slider.value = Number(slider.value) + 1;
        this.#show();
      }, PACE);
    }

    #stop() {
      clearInterval(this.#timer);
      this.#timer = 0;
      this.#say("play");
    }

    #say(word) {
      this.querySelector("[data-plays]").lastChild.textContent = ` ${word}`;
    }
  },
);
