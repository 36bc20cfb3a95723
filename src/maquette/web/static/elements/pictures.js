// Pictures and files that are chosen, pasted into a composer, or dropped on it, go with the message; each can be taken out
// again. What models can look at goes as a picture, all else as a file.
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const LARGEST = 8 << 20;
const held = new WeakMap();

const all = (form) => held.get(form) ?? [];

// As the interface takes them.
export function filesOf(form) {
  const images = all(form).filter(({ picture }) => picture).map(({ type, data }) => ({ media_type: type, data }));
  const files = all(form).filter(({ picture }) => !picture).map(({ name, data }) => ({ name, data }));
  return { ...(images.length && { images }), ...(files.length && { files }) };
}

export function forget(form) {
  held.delete(form);
  show(form);
}

async function add(form, file) {
  if (file.size > LARGEST) {
    form.querySelector("[role=alert]").textContent = `${file.name} is larger than ${LARGEST >> 20} MB.`;
    return;
  }
  const address = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(file);
  });
  const picture = PICTURES.includes(file.type);
  const data = address.slice(address.indexOf(",") + 1);
  held.set(form, [...all(form), { name: file.name, type: file.type, size: file.size, picture, address, data }]);
  show(form);
}

function show(form) {
  const shelf = form.querySelector(".pictures");
  if (!shelf) return;
  shelf.replaceChildren(...all(form).map((one) => drawn(form, one)));
  shelf.hidden = !shelf.firstChild;
}

function drawn(form, one) {
  const line = document.createElement("li");
  const looks = document.createElement(one.picture ? "img" : "span");
  const out = document.createElement("button");
  if (one.picture) Object.assign(looks, { src: one.address, alt: one.name });
  else Object.assign(looks, { textContent: `${one.name}, ${Math.ceil(one.size / 1024)} KB`, dir: "auto" });
  Object.assign(out, { type: "button", className: "quiet", textContent: "Take out" });
  out.setAttribute("aria-label", `Take out ${one.name}`);
  out.addEventListener("click", () => {
    held.set(form, all(form).filter((other) => other !== one));
    show(form);
    form.elements.text.focus();
  });
  line.append(looks, out);
  return line;
}

function take(event, files) {
  const form = event.target.closest?.(".composer");
  const given = [...(files ?? [])];
  if (!form || !given.length) return;
  event.preventDefault();
  for (const file of given) add(form, file);
}

document.addEventListener("paste", (event) => take(event, event.clipboardData.files));
document.addEventListener("dragover", (event) => event.target.closest?.(".composer") && event.preventDefault());
document.addEventListener("drop", (event) => take(event, event.dataTransfer.files));
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-attaches]")) return;
  take(event, event.target.files);
  event.target.value = "";
});
