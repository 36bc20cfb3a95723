// <load-late src>: what is within it is brought when it is asked for: when its <details> is open, or its button is pressed.
customElements.define(
  "load-late",
  class extends HTMLElement {
    connectedCallback() {
      const details = this.querySelector("details");
      if (details?.open) this.#bring();
      else details?.addEventListener("toggle", () => this.#bring(), { once: true });
      this.querySelector("button")?.addEventListener("click", () => this.#bring(), { once: true });
    }

    async #bring() {
      const answer = await fetch(this.getAttribute("src"));
      const holder = document.createElement("template");
      holder.innerHTML = answer.ok ? await answer.text() : "";
      if (!answer.ok) {
        const note = document.createElement("p");
        note.className = "alert";
        note.textContent = "It could not be had. Load the page again.";
        holder.content.append(note);
      }
      if (this.dataset.instead !== undefined) {
        const before = document.documentElement.scrollHeight;
        this.replaceWith(holder.content);
        scrollBy(0, document.documentElement.scrollHeight - before);
      } else {
        this.querySelector("details > :not(summary)")?.replaceWith(holder.content);
      }
    }
  },
);
