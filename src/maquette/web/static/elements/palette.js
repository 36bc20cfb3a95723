// The palette (Ctrl or Cmd and K): go anywhere by a few letters; what isn't found is searched for.
const dialog = document.getElementById("palette");
const field = dialog.querySelector("input");
const list = dialog.querySelector("ul");

function places() {
  const links = [...document.querySelectorAll(".rooms a, .leave a, .rail .thread a")];
  return links.map((link) => ({ name: link.querySelector("b")?.textContent ?? link.firstChild.textContent, href: link.href }));
}

function fits(name, typed) {
  let at = -1;
  return [...typed].every((letter) => letter === " " || (at = name.indexOf(letter, at + 1)) >= 0);
}

function draw() {
  const typed = field.value.trim().toLowerCase();
  const found = places().filter((place) => fits(place.name.toLowerCase(), typed));
  const whole = found.filter((place) => place.name.toLowerCase().includes(typed));
  const shown = [...whole, ...found.filter((place) => !whole.includes(place))].slice(0, 12);
  if (typed) shown.push({ name: `Search for “${field.value.trim()}”`, href: `/search?q=${encodeURIComponent(field.value.trim())}` });
  list.replaceChildren(
    ...shown.map((place, number) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = place.href;
      link.textContent = place.name;
      line.append(link);
      if (!number) link.dataset.first = "";
      return line;
    }),
  );
}

function openPalette() {
  field.value = "";
  draw();
  dialog.showModal();
}

field.addEventListener("input", draw);
dialog.addEventListener("keydown", (event) => {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    (links[at + step] ?? field).focus();
  } else if (event.key === "Enter" && document.activeElement === field) {
    event.preventDefault();
    if (links[0]) location.assign(links[0].href);
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (dialog.open) dialog.close();
    else openPalette();
  }
});
