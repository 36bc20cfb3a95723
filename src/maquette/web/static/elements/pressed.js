// The last of the scripts: what was pressed before they were there (early.js) is done now.
document.documentElement.dataset.ready = "";
for (const pressed of document.querySelectorAll("[data-pressed]")) {
  delete pressed.dataset.pressed;
  if (pressed.matches("form")) pressed.requestSubmit();
  else pressed.click();
}
