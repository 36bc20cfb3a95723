// There before anything that can be pressed is drawn, so that no browser sends a form of ours by itself. What is pressed
// until the other scripts listen is kept, and done then, once (pressed.js).
const waits = () => !("ready" in document.documentElement.dataset);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  if (waits() && !form.querySelector("[data-pressed]")) (event.submitter ?? form).dataset.pressed = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[type=button]");
  if (button && waits() && !button.matches("[data-turns], [data-face-is]")) button.dataset.pressed = ""; // these: looks.js
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form?.dataset.api) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
