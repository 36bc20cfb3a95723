// <time-said>: a moment in the reader's own time, in few words.
const near = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const far = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

customElements.define(
  "time-said",
  class extends HTMLElement {
    connectedCallback() {
      const time = this.querySelector("time");
      const at = new Date(time.dateTime);
      time.title = at.toLocaleString();
      time.textContent = (at.toDateString() === new Date().toDateString() ? near : far).format(at);
    }
  },
);
