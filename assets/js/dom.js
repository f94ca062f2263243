// What the other modules share.

const policy = globalThis.trustedTypes?.createPolicy?.("grants", { createHTML: (html) => html });

/** Parse HTML that our own server sent and put it in place of the element that `selector` finds. */
/** A page of this site as a document of its own. */
export function parsed(html) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
}

export function replaceWithHtml(selector, html) {
  const old = document.querySelector(selector);
  if (!old) return;
  const page = parsed(html);
  const nodes = [...page.body.childNodes].map((node) => document.importNode(node, true));
  const alone = nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE);
  if (alone.length === 1 && `#${alone[0].id}` === selector) old.replaceWith(...nodes);
  else old.replaceChildren(...nodes);
}

/** An element: `make("p", {class: "g-soft"}, "words", other)`. Values of null leave the attribute out. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A new token, for all forms of this page too. */
export function setCsrfToken(token) {
  let meta = document.querySelector('meta[name="csrf-token"]');
  if (!meta) {
    meta = make("meta", { name: "csrf-token" });
    document.head.append(meta);
  }
  meta.content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
}

/** POST JSON, answer {status, body}. Throws TypeError where the network is down. */
export async function postJson(url, body) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrfToken(), "X-Autosave": "1" },
    body: JSON.stringify(body ?? {}),
  });
  return { status: response.status, body: await jsonOf(response) };
}

export async function jsonOf(response) {
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return {};
  try {
    return await response.json();
  } catch {
    return {};
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Do `work` for each element that `selector` finds under `root`, once in its life. */
const seen = new WeakMap();
export function each(root, selector, work) {
  const found = [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const element of found) {
    const done = seen.get(element) ?? new Set();
    if (done.has(selector)) continue;
    seen.set(element, done.add(selector));
    work(element);
  }
}

export const store = {
  get(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // nothing kept, nothing to remove
    }
  },
};

/** A modal dialog made from parts; resolves with the value of the button that closed it. */
export function ask({ title, body = [], buttons, small = true, onSubmit = null }) {
  return new Promise((resolve) => {
    const id = `dialog-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
    const form = make("form", { method: "dialog" }, make("h2", { id }, title), ...body);
    const bar = make("div", { class: "govuk-button-group" });
    for (const { text, value, kind = "" } of buttons) {
      bar.append(make("button", { class: `govuk-button${kind ? ` govuk-button--${kind}` : ""}`, value, formnovalidate: value === "cancel" }, text));
    }
    form.append(bar);
    const dialog = make("dialog", { class: `g-dialog${small ? " g-dialog-small" : ""}`, "aria-labelledby": id }, form);
    const before = document.activeElement;
    form.addEventListener("submit", async (event) => {
      const value = event.submitter?.value ?? "";
      if (!onSubmit || value === "cancel") return;
      event.preventDefault();
      if (await onSubmit(value, form)) dialog.close(value);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue || "cancel");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
