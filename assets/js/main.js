// Starts what a page needs; larger modules are loaded only where something asks for them.
import {
  createAll,
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  Radios,
  SkipLink,
} from "./govuk-frontend.min.js";
import { each } from "./dom.js";
import * as confirm from "./confirm.js";
import * as countdown from "./countdown.js";
import * as localTime from "./local-time.js";
import * as selection from "./select-all.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

/** htmx is fetched by pages that ask for it in their markup; it then reads the whole page by itself. */
function loadHtmx(root) {
  if (document.querySelector("script[data-htmx]") || !root.querySelector("[hx-get], [hx-post]")) return;
  const script = document.createElement("script");
  script.src = new URL("./htmx.min.js", import.meta.url).href;
  script.dataset.htmx = "";
  document.head.append(script);
}

const LATER = [
  ["[data-again]", () => import("./again.js")],
  ["form[data-autosave]", () => import("./autosave.js")],
  ["[data-presence]", () => import("./presence.js")],
  ["form[data-conditional]", () => import("./conditional.js")],
  ["[data-upload]", () => import("./upload.js")],
  ["table[data-budget]", () => import("./budget.js")],
  ["[data-pdf]", () => import("./pdfview.js")],
];

function start(root) {
  for (const component of [Button, CharacterCount, Checkboxes, ErrorSummary, Radios, SkipLink]) {
    createAll(component, {}, { scope: root, onError: () => {} });
  }
  loadHtmx(root);
  countdown.start(root);
  localTime.start(root);
  selection.start(root);
  confirm.start(root);
  each(root, "[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  each(root, "[data-opens]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.opens)?.showModal());
  });
  each(root, "[data-closes]", (button) => {
    button.addEventListener("click", () => button.closest("dialog")?.close());
  });
  for (const [selector, load] of LATER) {
    if (root.matches?.(selector) || root.querySelector(selector)) load().then((module) => module.start(root));
  }
}

start(document.body);
document.addEventListener("htmx:after:swap", () => start(document.body));

// Menus close on Escape and on a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
