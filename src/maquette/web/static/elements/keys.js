// What keys do. In a field they write; Escape leaves it.
const faces = { plain: "detail", detail: "plain" };
const root = document.documentElement;

function step(by) {
  const lines = [...document.querySelectorAll(".rail .thread a")];
  const here = lines.findIndex((line) => line.getAttribute("aria-current") === "page");
  const next = lines[here < 0 ? (by > 0 ? 0 : lines.length - 1) : here + by];
  if (next) location.assign(next.href);
}

function setFace(face) {
  root.dataset.face = face;
  localStorage.setItem("face", face);
}

export const keys = {
  n: () => location.assign("/"),
  i: () => location.assign("/inbox"),
  "/": () => location.assign("/search"),
  j: () => step(1),
  k: () => step(-1),
  e: () => document.getElementById("say")?.focus(),
  r: () => document.querySelector("[data-opens=rename]")?.click(),
  f: () => setFace(faces[root.dataset.face] ?? "detail"),
  "?": () => document.getElementById("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && field) field.blur();
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("click", (event) => {
  const face = event.target.closest("[data-face-is]")?.dataset.faceIs;
  if (face) setFace(face);
});

const kept = localStorage.getItem("face");
if (kept in faces) root.dataset.face = kept;
