// <sheet-tabs>: its sections become panels, of which one is seen; their headings become its tabs. Without this they stand
// one below the other.
let made = 0;

customElements.define(
  "sheet-tabs",
  class extends HTMLElement {
    connectedCallback() {
      if (this.querySelector("[role=tablist]")) return;
      const tabs = document.createElement("div");
      tabs.setAttribute("role", "tablist");
      tabs.setAttribute("aria-label", this.getAttribute("aria-label"));
      this.removeAttribute("aria-label");
      for (const panel of this.querySelectorAll(":scope > section")) {
        const heading = panel.querySelector("h4");
        const tab = document.createElement("button");
        tab.type = "button";
        tab.textContent = heading.textContent;
        tab.dir = "auto";
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-controls", (panel.id = `tabbed-${made++}`));
        panel.setAttribute("role", "tabpanel");
        heading.remove();
        tabs.append(tab);
      }
      this.prepend(tabs);
      tabs.addEventListener("click", ({ target }) => target.role === "tab" && this.#choose(target));
      tabs.addEventListener("keydown", (event) => this.#move(event));
      this.#choose(tabs.firstElementChild);
    }

    #move(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const tabs = [...this.firstElementChild.children];
      const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
      event.preventDefault();
      next.focus();
      this.#choose(next);
    }

    #choose(chosen) {
      for (const tab of this.firstElementChild.children) {
        tab.setAttribute("aria-selected", tab === chosen);
        tab.tabIndex = tab === chosen ? 0 : -1;
        document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
      }
    }
  },
);
