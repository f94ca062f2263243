// Light, dark or as the device: decided before the first paint, hence a plain script in the head.
(() => {
  const KEY = "grants-theme";
  const root = document.documentElement;
  const read = () => {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return "";
    }
  };
  const apply = (value) => {
    if (value === "light" || value === "dark") root.dataset.theme = value;
    else delete root.dataset.theme;
  };
  apply(read());

  document.addEventListener("DOMContentLoaded", () => {
    const mark = () => {
      for (const button of document.querySelectorAll("[data-theme-value]")) {
        button.setAttribute("aria-pressed", String(button.dataset.themeValue === read()));
      }
    };
    for (const box of document.querySelectorAll("[data-theme-switch]")) box.hidden = false;
    mark();
    document.addEventListener("click", (event) => {
      const button = event.target.closest?.("[data-theme-value]");
      if (!button) return;
      try {
        if (button.dataset.themeValue) localStorage.setItem(KEY, button.dataset.themeValue);
        else localStorage.removeItem(KEY);
      } catch {
        // A browser that keeps nothing still shows it on this page.
      }
      apply(button.dataset.themeValue);
      mark();
    });
  });
})();
