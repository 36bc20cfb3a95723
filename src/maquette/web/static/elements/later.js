// Putting something off: the dialog is filled for what was pressed, with times that are the reader's own.
const HOUR = 9;

function times(now) {
  const at = (days, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
  const evening = at(0, 18);
  return {
    hour: new Date(now.getTime() + 3_600_000),
    evening: evening > now ? evening : undefined,
    morning: at(1, HOUR),
    monday: at(((8 - now.getDay()) % 7) || 7, HOUR),
  };
}

document.addEventListener("click", (event) => {
  const puts = event.target.closest("[data-puts-off]");
  if (!puts) return;
  const dialog = document.getElementById("later");
  const form = dialog.querySelector("form");
  form.dataset.api = puts.dataset.putsOff;
  form.elements.of.value = puts.dataset.what ?? "";
  form.dataset.title = puts.dataset.title;
  const until = times(new Date());
  for (const button of form.querySelectorAll("[data-until]")) {
    const at = until[button.dataset.until];
    button.hidden = !at;
    button.value = at?.toISOString() ?? "";
    button.title = at?.toLocaleString([], { weekday: "long", hour: "2-digit", minute: "2-digit" }) ?? "";
  }
  dialog.showModal();
});
