// <time datetime="…" data-local>: adds the reader's own time where their zone differs from the one in the text.
// data-zone names the zone of the text; without it Brussels is meant.
import { each, make } from "./dom.js";

const parts = (moment, zone) =>
  new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(moment);

export function start(root) {
  each(root, "time[data-local]", (element) => {
    const moment = new Date(element.dateTime);
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const theirs = element.dataset.zone || "Europe/Brussels";
    if (Number.isNaN(moment.getTime()) || !own) return;
    try {
      if (parts(moment, own) === parts(moment, theirs)) return;
    } catch {
      return;
    }
    const place = own.split("/").pop().replaceAll("_", " ");
    element.after(make("span", { class: "g-soft" }, ` = ${parts(moment, own)} in ${place}`));
  });
}
