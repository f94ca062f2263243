// <form data-autosave="/url"> with a hidden "version" field saves itself; [data-save-state] tells how things stand.
//
// The server answers a POST of the form:
//   200 {version, saved_at, by?, fragments?: {"#id": html}, findings?: [{place, message, severity}]}
//       [data-save-note], where there is one, says what a save does not do yet
//   409 {version, by, current: {field: text}, yours: {field: text}, labels: {field: text}}
//   401 {sign_in: url}
// Everything else, and no answer at all, means: keep the text on this device and try again.
import { submitAgreed } from "./confirm.js";
import { ask, csrfToken, each, jsonOf, make, postJson, replaceWithHtml, setCsrfToken, store } from "./dom.js";

const WAIT = 1000;
const RETRY = [2000, 5000, 10_000, 30_000];
const NOT_KEPT = new Set(["csrf_token", "version", "password"]);

export function start(root) {
  each(root, "form[data-autosave]", (form) => new Autosave(form).begin());
}

/** A field's values as the page brought it, which is before anything was typed into it; none: it is not sent. */
function broughtBy(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked ? [field.value] : [];
  // In a copy the browser makes of it what it makes of the page's text: of a date that is none, nothing.
  const copy = field.cloneNode(true);
  if (!copy.options) {
    copy.value = field.defaultValue ?? "";
    return [copy.value];
  }
  for (const option of copy.options) option.selected = option.defaultSelected;
  if (!copy.multiple && copy.size <= 1 && ![...copy.options].some((option) => option.defaultSelected)) {
    copy.selectedIndex = [...copy.options].findIndex((option) => !option.disabled);
  }
  return [...copy.selectedOptions].filter((option) => !option.disabled).map((option) => option.value);
}

const NO_VALUE = new Set(["button", "file", "fieldset", "image", "output", "reset", "submit"]);

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.key = `grants-draft:${this.url}`;
    this.changed = false;
    this.saving = null;
    this.attempts = 0;
    this.timer = null;
    this.paused = false;
    this.base = this.brought();
  }

  begin() {
    const { form } = this;
    this.hear("input", (event) => this.touched(event, WAIT));
    this.hear("change", (event) => this.touched(event, 150));
    this.hear("focusout", () => this.changed && this.soon(0));
    form.addEventListener("submit", (event) => this.submitted(event));
    document.addEventListener("keydown", (event) => {
      if (!form.isConnected) return;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        this.changed = true;
        this.soon(0);
      }
    });
    addEventListener("beforeunload", (event) => {
      if (this.changed || this.saving) event.preventDefault();
    });
    addEventListener("online", () => this.changed && this.soon(0));
    document.addEventListener("visibilitychange", () => document.hidden && this.changed && this.soon(0));
    this.bringBack();
    // What was typed, ticked or chosen before this script came.
    if (JSON.stringify(this.values()) !== JSON.stringify(this.base)) this.touched({ target: form }, WAIT);
    form.dataset.ready = ""; // from here on Ctrl+S saves
  }

  /** Fields may stand anywhere on the page and belong to the form by its id: their events do not rise to it. */
  hear(kind, handler) {
    document.addEventListener(kind, (event) => {
      if (this.form.contains(event.target) || event.target.form === this.form) handler(event);
    });
  }

  touched(event, wait) {
    if (event.target.type === "file" || event.target.closest("[data-upload]")) return;
    this.changed = true;
    this.keep();
    if (!this.paused) {
      this.say("unsaved", "Not saved yet");
      this.soon(wait);
    }
  }

  submitted(event) {
    if (event.defaultPrevented) return;
    // Everything goes with the form.
    clearTimeout(this.timer);
    this.changed = false;
    if (this.saving) {
      // The save on its way will move the version: sent now, the form would meet it as somebody else's change.
      event.preventDefault();
      const { submitter } = event;
      this.saving.finally(() => setTimeout(() => submitAgreed(this.form, submitter))); // asked once is enough
      return;
    }
    store.remove(this.key);
  }

  soon(wait) {
    clearTimeout(this.timer);
    if (!this.paused) this.timer = setTimeout(() => this.save(), wait);
  }

  say(state, text) {
    for (const place of document.querySelectorAll("[data-save-state]")) {
      place.dataset.state = state;
      if (place.textContent !== text) place.textContent = text;
    }
  }

  body() {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") data.append(name, value);
    return data;
  }

  /** Field to text; the values of fields that occur several times stand in one list. */
  values() {
    const all = {};
    for (const [name, value] of this.body()) if (!NOT_KEPT.has(name)) (all[name] ??= []).push(value);
    return all;
  }

  /** The same of the page as it came: what somebody typed since is a change, also where it was quicker than this. */
  brought() {
    const all = {};
    for (const field of this.form.elements) {
      if (!field.name || NOT_KEPT.has(field.name) || NO_VALUE.has(field.type) || field.matches(":disabled")) continue;
      for (const value of broughtBy(field)) (all[field.name] ??= []).push(value);
    }
    return all;
  }

  keep() {
    store.set(this.key, { values: this.values(), version: this.version, at: Date.now() });
  }

  get version() {
    return this.form.elements.version?.value ?? "";
  }

  set version(value) {
    if (this.form.elements.version && value !== undefined) this.form.elements.version.value = value;
  }

  async save() {
    if (this.saving) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    const sent = this.values();
    this.changed = false;
    this.say("saving", "Saving…");
    this.saving = this.post(sent);
    await this.saving;
    this.saving = null;
    if (this.again) {
      this.again = false;
      if (this.changed && !this.paused) this.save();
    }
  }

  async post(sent) {
    let response = null;
    try {
      response = await fetch(this.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { Accept: "application/json", "X-CSRF-Token": csrfToken(), "X-Autosave": "1" },
        body: this.body(),
        signal: AbortSignal.timeout?.(30_000),
      });
    } catch {
      return this.later();
    }
    const answer = await jsonOf(response);
    if (response.ok) return this.saved(sent, answer);
    if (response.status === 409 && answer.current) return this.conflict(sent, answer);
    if (response.status === 401) return this.signIn();
    if (response.status === 400 || response.status === 403 || response.status === 404 || response.status === 413 || response.status === 422) {
      this.changed = true;
      this.keep();
      this.showFindings(answer.findings);
      const found = (answer.findings ?? []).map((one) => one.message).join(" ");
      this.say("retry", answer.message ?? `${found || "This could not be saved."} Your text is kept on this device.`);
      return undefined;
    }
    return this.later();
  }

  saved(sent, answer) {
    this.attempts = 0;
    this.version = answer.version;
    this.base = sent;
    for (const [place, html] of Object.entries(answer.fragments ?? {})) replaceWithHtml(place, html);
    this.showFindings(answer.findings);
    this.form.dispatchEvent(new CustomEvent("grants:saved", { bubbles: true, detail: answer }));
    if (this.changed) {
      this.keep();
      this.soon(WAIT);
      return;
    }
    store.remove(this.key);
    const note = document.querySelector("[data-save-note]")?.textContent;
    this.say("saved", [`All changes saved ${answer.saved_at ?? ""}`.trim(), note].filter(Boolean).join(", "));
  }

  later() {
    this.changed = true;
    const kept = this.keep();
    const wait = RETRY[Math.min(this.attempts, RETRY.length - 1)];
    this.attempts += 1;
    this.say("retry", "Not saved, retrying (kept on this device)");
    this.soon(wait);
    return kept;
  }

  /** Marks fields that have findings, without moving anything while somebody types. */
  showFindings(findings) {
    if (!Array.isArray(findings)) return;
    const places = new Set(findings.filter((one) => one.severity === "blocks").map((one) => one.place));
    for (const field of this.form.elements) {
      if (!field.id || field.type === "hidden") continue;
      if (field.dataset.found && !places.has(field.id) && !places.has(field.name)) {
        delete field.dataset.found;
        field.removeAttribute("aria-invalid");
      } else if ((places.has(field.id) || places.has(field.name)) && !field.hasAttribute("aria-invalid")) {
        field.dataset.found = "1";
        field.setAttribute("aria-invalid", "true");
      }
    }
  }

  label(name, labels) {
    if (labels?.[name]) return labels[name];
    const field = this.form.elements[name];
    return field?.labels?.[0]?.textContent.trim() ?? field?.ariaLabel ?? name;
  }

  /** Somebody else saved in between. Fields that only they changed are taken; for the rest the person chooses. */
  async conflict(sent, answer) {
    this.paused = true;
    this.changed = true;
    this.keep();
    this.say("conflict", "Changed elsewhere: choose which text to keep");
    const differ = [];
    for (const [name, theirs] of Object.entries(answer.current)) {
      const mine = this.textOf(name, answer.yours?.[name]);
      if (mine === String(theirs ?? "")) continue;
      if (this.base[name] && this.base[name].join("\n") === mine) this.put(name, theirs);
      else differ.push([name, mine, String(theirs ?? "")]);
    }
    if (differ.length) {
      const who = answer.by || "Somebody else";
      const body = [
        make("p", {}, `${who} changed this while you were working on it. Nothing is lost: choose for each field.`),
        ...differ.map(([name, mine, theirs]) =>
          make(
            "fieldset",
            { class: "g-versions" },
            make("legend", {}, this.label(name, answer.labels)),
            make("div", { class: "g-sides" }, side(name, "mine", "Keep mine", mine, true), side(name, "theirs", "Take theirs", theirs)),
          ),
        ),
      ];
      const choices = await new Promise((resolve) => {
        ask({
          title: "This was changed elsewhere",
          body,
          small: false,
          buttons: [
            { text: "Save my choice", value: "choose" },
            { text: "Decide later", value: "cancel", kind: "secondary" },
          ],
          onSubmit: (_value, form) => {
            resolve(Object.fromEntries(differ.map(([name], at) => [name, form.querySelectorAll("fieldset")[at].querySelector("input:checked").value])));
            return true;
          },
        }).then((value) => value === "cancel" && resolve(null));
      });
      if (!choices) {
        this.say("conflict", "Not saved: this was changed elsewhere. Your text is kept on this device.");
        this.paused = false;
        return;
      }
      for (const [name, , theirs] of differ) if (choices[name] === "theirs") this.put(name, theirs);
    }
    this.version = answer.version;
    this.base = Object.fromEntries(Object.entries(answer.current).map(([name, text]) => [name, [String(text ?? "")]]));
    this.paused = false;
    this.soon(0);
  }

  textOf(name, given) {
    const now = this.values()[name];
    return String(now ? now.join("\n") : (given ?? ""));
  }

  put(name, text) {
    const field = this.form.elements[name];
    if (!field) return;
    const value = String(text ?? "");
    if (field instanceof RadioNodeList || field.type === "checkbox" || field.type === "radio") {
      const wanted = new Set(value.split("\n"));
      for (const box of field instanceof RadioNodeList ? field : [field]) {
        if ("checked" in box && (box.type === "checkbox" || box.type === "radio")) box.checked = wanted.has(box.value);
        else box.value = value;
      }
    } else if (field.multiple && field.options) {
      const wanted = new Set(value.split("\n"));
      for (const option of field.options) option.selected = wanted.has(option.value);
    } else {
      field.value = value;
    }
    (field instanceof RadioNodeList ? field[0] : field)?.dispatchEvent(new CustomEvent("grants:put", { bubbles: true }));
  }

  /** The session ended: sign in here, with the text still on the page. */
  async signIn() {
    this.paused = true;
    this.changed = true;
    this.keep();
    this.say("signed-out", "You were signed out. Your text is kept on this device.");
    const wrong = make("p", { class: "govuk-error-message", role: "alert", hidden: true });
    const field = (id, label, type, auto) =>
      make(
        "div",
        { class: "govuk-form-group" },
        make("label", { class: "govuk-label", for: id }, label),
        make("input", { class: "govuk-input", id, type, autocomplete: auto, required: true }),
      );
    const done = await ask({
      title: "You were signed out",
      body: [
        make("p", {}, "Sign in to save what you wrote. Nothing is lost."),
        wrong,
        field("again-email", "E-mail address", "email", "username"),
        field("again-password", "Password", "password", "current-password"),
      ],
      buttons: [
        { text: "Sign in and save", value: "in" },
        { text: "Not now", value: "cancel", kind: "secondary" },
      ],
      onSubmit: async (_value, form) => {
        try {
          const { status, body } = await postJson("/sign-in", {
            email: form.querySelector("#again-email").value,
            password: form.querySelector("#again-password").value,
            csrf_token: csrfToken(),
          });
          if (status === 200 && body.csrf_token) {
            setCsrfToken(body.csrf_token);
            return true;
          }
          wrong.textContent = body.message ?? "That did not work. Check the address and the password.";
        } catch {
          wrong.textContent = "The server does not answer. Try again in a moment.";
        }
        wrong.hidden = false;
        return false;
      },
    });
    this.paused = false;
    if (done === "cancel") {
      this.say("signed-out", "Not saved: you are signed out. Your text is kept on this device.");
      return;
    }
    this.soon(0);
  }

  /** Text that an earlier visit could not save. */
  bringBack() {
    const kept = store.get(this.key);
    if (!kept?.values) return;
    if (JSON.stringify(kept.values) === JSON.stringify(this.base)) {
      store.remove(this.key);
      return;
    }
    if (String(kept.version) !== String(this.version)) {
      this.offer(kept);
      return;
    }
    this.restore(kept);
    this.note("Text that could not be saved last time was brought back from this device.");
  }

  restore(kept) {
    for (const name of new Set([...Object.keys(this.base), ...Object.keys(kept.values)])) {
      this.put(name, (kept.values[name] ?? []).join("\n"));
    }
    this.changed = true;
    this.soon(WAIT);
  }

  /** The section moved on since: ask before anything is put over it. */
  offer(kept) {
    const bring = make("button", { type: "button", class: "govuk-button govuk-button--secondary g-button-small" }, "Bring my text back");
    const drop = make("button", { type: "button", class: "g-button-link" }, "Forget it");
    const note = this.note("This device holds text of yours that was never saved. Since then this section was changed.", bring, drop);
    bring.addEventListener("click", () => {
      this.restore(kept);
      note.remove();
    });
    drop.addEventListener("click", () => {
      store.remove(this.key);
      note.remove();
    });
  }

  note(text, ...buttons) {
    const bar = buttons.length ? make("div", { class: "govuk-button-group" }, ...buttons) : null;
    const note = make("div", { class: "g-callout g-callout-wait", role: "status" }, make("p", {}, text), bar);
    this.form.prepend(note);
    return note;
  }
}

let numbered = 0;
function side(name, value, label, text, checked = false) {
  numbered += 1;
  const id = `choice-${numbered}`;
  return make(
    "div",
    {},
    make("label", { for: id }, make("input", { type: "radio", id, name: `choice:${name}`, value, checked }), label),
    make("div", { class: "g-side-text", tabindex: text.length > 400 ? "0" : null }, text || "(empty)"),
  );
}
