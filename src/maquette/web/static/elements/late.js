// <load-late src>: what is within it is brought when it is asked for: when its <details> is open, its button is pressed,
// or (data-near) it comes into view. With data-instead, what is brought takes its place, below or above what was seen.
// Who is at the end of a thread stays there when what comes wasn't asked for.
import { keepAtEnd } from "./scrolling.js";

customElements.define(
  "load-late",
  class extends HTMLElement {
    connectedCallback() {
      const details = this.querySelector("details");
      if ("near" in this.dataset) this.#watch();
      else if (details?.open) this.#bring(false);
      else details?.addEventListener("toggle", () => this.#bring(), { once: true });
      this.querySelector("button")?.addEventListener("click", () => this.#bring(), { once: true });
    }

    #watch() {
      const seen = new IntersectionObserver(
        (entries) => {
          if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
          seen.disconnect();
          this.#bring(false);
        },
        { rootMargin: "300px" },
      );
      seen.observe(this);
    }

    async #bring(asked = true) {
      this.querySelector(":scope > button, :scope > p > button")?.setAttribute("disabled", "");
      const answer = await fetch(this.getAttribute("src")).catch(() => null);
      const holder = document.createElement("template");
      holder.innerHTML = answer?.ok ? await answer.text() : "";
      if (!answer?.ok) {
        const note = document.createElement("p");
        note.className = "alert";
        note.textContent = "It could not be had. Load the page again.";
        holder.content.append(note);
      }
      if (asked) this.#put(holder.content);
      else keepAtEnd(() => this.#put(holder.content), false);
    }

    #put(content) {
      const { instead, near } = this.dataset;
      if (instead) {
        const before = document.documentElement.scrollHeight;
        this.replaceWith(content);
        if (instead === "above") scrollBy(0, document.documentElement.scrollHeight - before);
      } else if (near !== undefined) this.replaceChildren(content);
      else this.querySelector("details > :not(summary)")?.replaceWith(content);
    }
  },
);
