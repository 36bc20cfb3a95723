// What can be done on the page: what has a name for it (data-command; of several, the last), and each other button that is
// called as no other is.
export const doers = () => new Map([...document.querySelectorAll("[data-command]")].map((one) => [one.dataset.command, one]));

export const buttonOf = (doer) => (doer?.matches("form") ? doer.querySelector("button") : doer);

const nameOf = (button) => (button.getAttribute("aria-label") ?? (button.querySelector("b") ?? button).textContent).trim();

// By what their buttons say.
export function commands() {
  const found = new Map();
  for (const button of [...document.querySelectorAll("main button"), ...document.querySelectorAll("#rail button")]) {
    if (button.checkVisibility()) found.set(nameOf(button), found.has(nameOf(button)) ? null : button);
  }
  for (const button of [...doers().values()].map(buttonOf)) found.set(nameOf(button), button);
  return new Map([...found].filter(([name, button]) => name && button));
}

export function press(button) {
  button?.scrollIntoView({ block: "nearest" });
  button?.click();
}
