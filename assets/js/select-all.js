// A form with [data-select] boxes, [data-select-all] and a [data-bulk] bar: counts what is chosen.
// Buttons in the bar cannot be pressed while nothing is chosen.
import { each } from "./dom.js";

function scopeOf(element) {
  return element.closest("form, [data-select-scope]") ?? document;
}

function refresh(scope) {
  const boxes = [...scope.querySelectorAll("[data-select]")];
  const chosen = boxes.filter((box) => box.checked);
  for (const all of scope.querySelectorAll("[data-select-all]")) {
    all.checked = boxes.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  for (const bar of scope.querySelectorAll("[data-bulk]")) {
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-bulk-count]").textContent = String(chosen.length);
    const words = bar.querySelector("[data-bulk-words]");
    const named = chosen.slice(0, 5).map((box) => (box.ariaLabel ?? box.value).replace(/^Select /, "")).join(", ");
    if (words) words.textContent = chosen.length ? ` selected: ${named}${chosen.length > 5 ? " and more" : ""}` : " selected";
  }
}

let last = null;

export function start(root) {
  each(root, "[data-bulk]", (bar) => {
    refresh(scopeOf(bar));
  });
  each(root, "[data-select-all]", (all) => {
    const scope = scopeOf(all);
    all.addEventListener("change", () => {
      for (const box of scope.querySelectorAll("[data-select]")) box.checked = all.checked;
      refresh(scope);
    });
  });
  each(root, "[data-select]", (box) => {
    const scope = scopeOf(box);
    box.addEventListener("click", (event) => {
      const boxes = [...scope.querySelectorAll("[data-select]")];
      if (event.shiftKey && last && boxes.includes(last)) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      refresh(scope);
    });
    box.addEventListener("change", () => refresh(scope));
  });
}
