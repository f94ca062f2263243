// [data-deadline="ms"][data-now="ms"]: how long there still is, by the server's clock.
import { each, make } from "./dom.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SPOKEN = [
  [DAY, "24 hours left"],
  [HOUR, "1 hour left"],
  [10 * MINUTE, "10 minutes left"],
];
const clocks = new Set();
let offset = null;
let ticking = null;

const now = () => Date.now() + (offset ?? 0);

export function words(left) {
  if (left <= 0) return "Deadline passed";
  const days = Math.floor(left / DAY);
  const hours = Math.floor((left % DAY) / HOUR);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  if (days) return `${days} d ${hours} h left`;
  if (hours) return `${hours} h ${minutes} min left`;
  if (minutes >= 10) return `${minutes} min left`;
  return `${minutes} min ${Math.floor((left % MINUTE) / 1000)} s left`;
}

function tick() {
  let soon = false;
  for (const clock of clocks) {
    if (!clock.element.isConnected) {
      clocks.delete(clock);
      continue;
    }
    const left = clock.deadline - now();
    const text = words(left);
    if (clock.element.textContent !== text) clock.element.textContent = text;
    for (const [limit, sentence] of SPOKEN) {
      if (clock.before > limit && left <= limit) clock.live.textContent = sentence;
    }
    clock.before = left;
    soon ||= left < 10 * MINUTE && left > -MINUTE;
  }
  clearTimeout(ticking);
  if (clocks.size) ticking = setTimeout(tick, soon ? 1000 : 15_000);
}

async function askServer() {
  if (document.hidden || !clocks.size) return;
  try {
    const sent = Date.now();
    const response = await fetch("/now", { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!response.ok) return;
    const got = await response.json();
    offset = got.now - (sent + Date.now()) / 2;
  } catch {
    // the old offset will do
  }
  tick();
}

export function start(root) {
  each(root, "[data-deadline]", (element) => {
    offset ??= Number(element.dataset.now || Date.now()) - Date.now();
    const live = make("span", { class: "g-hidden", "aria-live": "polite" });
    element.after(live);
    const deadline = Number(element.dataset.deadline);
    clocks.add({ element, live, deadline, before: deadline - now() });
    tick();
  });
}

document.addEventListener("visibilitychange", askServer);
