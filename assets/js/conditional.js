// A form with [data-conditional]: after each save the server says which questions are asked now; the rest are hidden.
// What was typed into a question that hides stays where it is.
import { each } from "./dom.js";

export function start(root) {
  each(root, "form[data-conditional]", (form) => {
    form.addEventListener("grants:saved", (event) => {
      const asked = event.detail.asked;
      if (!Array.isArray(asked)) return;
      for (const question of form.querySelectorAll("[data-question]")) {
        question.hidden = !asked.includes(question.dataset.question);
      }
    });
  });
}
