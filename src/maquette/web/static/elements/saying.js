// The block in which text is said as it comes. Once its answer is whole it becomes the block of that answer where it stands,
// so that nothing of what was drawn is laid out again, and what was marked in it stays marked.
const live = () => document.getElementById("live");
const blank = live()?.cloneNode(true);
let leaves = false;

export function say(text, whole) {
  const block = live();
  if (!block) return;
  block.hidden = false;
  block.querySelector("mark-down").say(text, whole);
}

// It is said elsewhere now, if anywhere.
export function leave() {
  leaves = true;
}

// Whether the text is that of a block which comes now, and has become it.
export function becomes(fresh) {
  const block = live();
  const own = block?.querySelector("mark-down");
  const its = fresh.querySelector(":scope > .body > mark-down");
  if (!leaves || !its || own.text !== its.textContent) return false;
  [block.id, block.className, block.hidden] = [fresh.id, fresh.className, false];
  block.querySelector("h2").replaceWith(fresh.querySelector("h2"));
  const around = [...its.parentNode.childNodes];
  own.before(...around.slice(0, around.indexOf(its)));
  own.after(...around.slice(around.indexOf(its) + 1));
  own.end();
  block.after(blank.cloneNode(true));
  leaves = false;
  return true;
}

// Nothing that came took it over.
export function settle() {
  if (leaves) live()?.replaceWith(blank.cloneNode(true));
  leaves = false;
}

// What comes stands above what is being said.
export function append(into, fresh) {
  const last = into?.lastElementChild;
  if (last?.id === "live") last.before(fresh);
  else into?.append(fresh);
}
