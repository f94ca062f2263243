// [data-presence="/url"]: says every 20 seconds that this part is open here, and who else has it open.
//
// Only while the page is in sight and somebody does something: a page that is left open neither keeps its reader here
// nor their session alive. A session that ended is for the form to notice; saying goes on after the next save.
import { csrfToken, each, jsonOf } from "./dom.js";

const EVERY = 20_000;
const IDLE = 5 * 60_000;

export function start(root) {
  each(root, "[data-presence]", (place) => new Presence(place).begin());
}

class Presence {
  constructor(element) {
    this.element = element;
    this.said = -Infinity;
    this.active = Date.now();
    this.stopped = false;
  }

  begin() {
    for (const kind of ["pointerdown", "keydown", "scroll"]) {
      addEventListener(kind, () => (this.active = Date.now()), { passive: true });
    }
    document.addEventListener("visibilitychange", () => this.tell());
    document.addEventListener("grants:saved", () => (this.stopped = false));
    setInterval(() => this.tell(), 1000);
    this.tell();
  }

  async tell() {
    const now = Date.now();
    if (this.stopped || document.hidden || now - this.said < EVERY || now - this.active > IDLE) return;
    this.said = now;
    try {
      const response = await fetch(this.element.dataset.presence, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": csrfToken(), "X-Autosave": "1" },
      });
      const answer = await jsonOf(response);
      if (response.ok) this.show(answer.words);
      else this.stopped = true;
    } catch {
      this.show("");
    }
  }

  show(words) {
    if (this.element.textContent !== words) this.element.textContent = words;
  }
}
