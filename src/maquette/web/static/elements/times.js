// <time-said>: a moment in the reader's own time, in few words. <time-going>: how long ago it began, as it goes.
const near = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const far = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

customElements.define(
  "time-said",
  class extends HTMLElement {
    connectedCallback() {
      const time = this.querySelector("time");
      const at = new Date(time.dateTime);
      time.title = at.toLocaleString();
      const today = at.toDateString() === new Date().toDateString() && !("day" in this.dataset);
      time.textContent = (today ? near : far).format(at);
    }
  },
);

customElements.define(
  "time-going",
  class extends HTMLElement {
    #ticks = 0;

    connectedCallback() {
      this.#tell();
      this.#ticks = setInterval(() => this.#tell(), 1_000);
    }

    disconnectedCallback() {
      clearInterval(this.#ticks);
    }

    #tell() {
      const seconds = Math.max(0, Math.round((Date.now() - new Date(this.dataset.since)) / 1_000));
      const minutes = Math.floor(seconds / 60);
      this.textContent = minutes < 60 ? `${minutes ? `${minutes} min ` : ""}${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    }
  },
);
