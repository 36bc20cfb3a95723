// Pictures pasted into a composer, or dropped on it, go with the message; each can be taken out again.
const TAKEN = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const LARGEST = 8 << 20;
const held = new WeakMap();

export const picturesOf = (form) => held.get(form) ?? [];

export function forget(form) {
  held.delete(form);
  form.querySelector(".pictures")?.remove();
}

async function add(form, file) {
  const alert = form.querySelector("[role=alert]");
  if (!TAKEN.includes(file.type)) alert.textContent = `${file.name} is no picture that models take: send a PNG, JPEG, GIF or WebP.`;
  else if (file.size > LARGEST) alert.textContent = `${file.name} is larger than ${LARGEST >> 20} MB.`;
  else {
    const address = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(file);
    });
    held.set(form, [...picturesOf(form), { media_type: file.type, data: address.split(",")[1] }]);
    show(form, address, file.name);
  }
}

function show(form, address, name) {
  let shelf = form.querySelector(".pictures");
  if (!shelf) {
    shelf = document.createElement("ul");
    shelf.className = "pictures";
    form.querySelector("textarea").after(shelf);
  }
  const line = document.createElement("li");
  const picture = document.createElement("img");
  const out = document.createElement("button");
  picture.src = address;
  picture.alt = name;
  out.type = "button";
  out.className = "quiet";
  out.textContent = "Take out";
  out.addEventListener("click", () => {
    const at = [...shelf.children].indexOf(line);
    held.set(form, picturesOf(form).filter((_, number) => number !== at));
    line.remove();
  });
  line.append(picture, out);
  shelf.append(line);
}

function take(event, files) {
  const form = event.target.closest?.(".composer");
  const pictures = [...(files ?? [])];
  if (!form || !pictures.length) return;
  event.preventDefault();
  for (const file of pictures) add(form, file);
}

document.addEventListener("paste", (event) => take(event, event.clipboardData.files));
document.addEventListener("dragover", (event) => event.target.closest?.(".composer") && event.preventDefault());
document.addEventListener("drop", (event) => take(event, event.dataTransfer.files));
