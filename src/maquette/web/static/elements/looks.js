// How a page looks is known before anything of it is drawn: which face (what was chosen for this project, else what was
// chosen for all, else what is usual in it), and which colours. Both are kept in this browser. A card can be turned over.
const page = document.documentElement;
const others = { plain: "detail", detail: "plain" };

const faceOf = ({ project, usual }) =>
  [`face:${project}`, "face"].map((name) => localStorage.getItem(name)).find((face) => face in others) ?? usual;

function look() {
  for (const place of [page, ...document.querySelectorAll("main [data-usual]")]) place.dataset.face = faceOf(place.dataset);
  page.dataset.colours = localStorage.getItem("colours") ?? "";
  for (const card of document.querySelectorAll("main .block[data-face]")) show(card, card.dataset.face);
  for (const button of document.querySelectorAll("[data-face-is]")) {
    button.setAttribute("aria-pressed", button.dataset.faceIs === page.dataset.face);
  }
  for (const select of document.querySelectorAll("[data-chooses-colours]")) select.value = page.dataset.colours;
}

// A card that shows what the page shows isn't turned over.
function show(card, face) {
  if (face === page.dataset.face) delete card.dataset.face;
  else card.dataset.face = face;
  card.querySelector("[data-turns]")?.setAttribute("aria-pressed", "face" in card.dataset);
}

function turn(button) {
  const card = button.closest(".block");
  const face = others[card.dataset.face ?? page.dataset.face];
  show(card, face);
  const run = card.querySelector("details.run");
  if (run && face === "detail") run.open = true;
}

document.addEventListener("click", ({ target }) => {
  const face = target.closest("[data-face-is]")?.dataset.faceIs;
  if (target.closest("[data-turns]")) turn(target.closest("[data-turns]"));
  if (!face) return;
  localStorage.setItem(page.dataset.project ? `face:${page.dataset.project}` : "face", face);
  look();
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-chooses-colours]")) return;
  localStorage.setItem("colours", target.value);
  look();
  document.dispatchEvent(new Event("colours"));
});

document.addEventListener("drawn", look);
document.addEventListener("DOMContentLoaded", look);
look();
