// <form data-confirm="Withdraw this proposal?" data-confirm-title="…">: asks first.
// The button that was pressed may carry its own data-confirm.
import { ask, make } from "./dom.js";

const agreed = new WeakSet();
let listening = false;

export function start() {
  if (listening) return;
  listening = true;
  document.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      const button = event.submitter;
      const source = button?.dataset.confirm ? button : form;
      const question = source.dataset?.confirm;
      if (!question || agreed.has(form)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const words = button?.textContent.trim() || "Go on";
      const answer = await ask({
        title: source.dataset.confirmTitle || `${words}?`,
        body: [make("p", {}, question.replace("{n}", form.querySelectorAll("[data-select]:checked").length))],
        buttons: [
          { text: words, value: "yes", kind: source.dataset.confirmKind ?? "warning" },
          { text: "Cancel", value: "cancel", kind: "secondary" },
        ],
      });
      if (answer === "yes") submitAgreed(form, button);
    },
    true,
  );
}

/** Sends a form whose question, if it has one, was answered. */
export function submitAgreed(form, button) {
  agreed.add(form);
  form.requestSubmit(button ?? undefined);
  agreed.delete(form);
}
