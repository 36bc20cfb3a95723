// What is alike stays the element that it is, with what is selected in it and how far it was scrolled; only what differs
// is put in its place.
function alike(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return false;
  if (old.nodeType !== Node.ELEMENT_NODE) return true;
  const names = fresh.getAttributeNames();
  const said = old.getAttributeNames().filter((name) => name !== "aria-level");
  return names.length === said.length && names.every((name) => old.getAttribute(name) === fresh.getAttribute(name));
}

function change(old, fresh) {
  if (old.nodeType === Node.ELEMENT_NODE) become(old, [...old.childNodes], [...fresh.childNodes]);
  else if (fresh.data.startsWith(old.data)) old.appendData(fresh.data.slice(old.length));
  else old.data = fresh.data;
}

// `olds`, neighbours within `parent`, become `fresh`; the nodes that are there then. Where there were none, they come
// before `next()`.
export function become(parent, olds, fresh, next) {
  const after = (olds.length ? olds.at(-1).nextSibling : next?.()) ?? null;
  for (const node of olds.slice(fresh.length)) node.remove();
  return fresh.map((node, at) => {
    const old = olds[at];
    if (!old) return parent.insertBefore(node, after);
    if (!alike(old, node)) {
      old.replaceWith(node);
      return node;
    }
    change(old, node);
    return old;
  });
}
