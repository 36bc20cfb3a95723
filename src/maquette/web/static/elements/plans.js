// A plan as it is written: what its schedule means is asked of the base, and fields are shown only where they count.
const PAUSE = 250;

// <when-said>: a schedule and a zone, and below them what they mean.
customElements.define(
  "when-said",
  class extends HTMLElement {
    #timer = 0;
    #asked = 0;

    connectedCallback() {
      this.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(), PAUSE);
      });
    }

    async #ask() {
      const [text, zone] = [...this.querySelectorAll("input")].map(({ value }) => value);
      const asked = ++this.#asked;
      const answer = await fetch(`/automations/when?${new URLSearchParams({ text, zone })}`).catch(() => null);
      if (!answer?.ok || asked !== this.#asked) return;
      this.querySelector("[data-said]").innerHTML = await answer.text();
    }
  },
);

// data-shows="field=value": there only while that field has that value, or is ticked.
function show(form) {
  for (const part of form.querySelectorAll("[data-shows]")) {
    const [name, value] = part.dataset.shows.split("=");
    const fields = [...form.querySelectorAll(`[name="${name}"]`)];
    part.hidden = !fields.some((field) => field.value === value && (field.type !== "checkbox" || field.checked));
  }
}

const plans = () => document.querySelectorAll("form.plan");
document.addEventListener("change", (event) => event.target.form?.matches(".plan") && show(event.target.form));
document.addEventListener("drawn", () => plans().forEach(show));
plans().forEach(show);
