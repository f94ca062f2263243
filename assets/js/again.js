// A link or form with [data-again="seconds"] is followed or sent by itself after that time: the server was away.
// The first tries wait that long, later ones longer; whoever presses the button first is not stopped.
import { each, store } from "./dom.js";

const KEY = "grants-again";
const LONGEST = 60;

export function start(root) {
  each(root, "[data-again]", (element) => {
    const seen = store.get(KEY);
    const tries = seen && seen.path === location.pathname && Date.now() - seen.at < 5 * 60_000 ? seen.tries : 0;
    let left = Math.min(Number(element.dataset.again) * 2 ** tries, LONGEST);
    const says = document.querySelector("[data-again-says]");
    const tick = () => {
      if (left <= 0) {
        store.set(KEY, { path: location.pathname, tries: tries + 1, at: Date.now() });
        if (element instanceof HTMLFormElement) element.requestSubmit();
        else element.click();
        return;
      }
      if (says && (left % 5 === 0)) says.textContent = `Tries again in ${left} s.`;
      left -= 1;
      setTimeout(tick, 1000);
    };
    tick();
  });
}
