// <div data-upload data-ticket-url="/url"> around a file field: progress, retries, going on after a break.
//
// POST ticket-url {name, size, media_type, sha256?} → {document, method, url, headers, multipart?, done_url, cancel_url,
// status_url}; multipart is {upload_id, part_size, parts: [{number, url|null}], part_url, complete_url, done: [numbers]}.
// The parts go to the store by PUT, then POST complete_url {parts: [{number, etag}]} and POST done_url →
// {state: accepted|refused|checking, findings, pages, size, sha256, html?}. While "checking", status_url is asked.
// Without this script the form around it sends the file in the ordinary way.
import { each, make, parsed, postJson, replaceWithHtml, sleep, store } from "./dom.js";

const WAITS = [1000, 3000, 10_000];
const AT_ONCE = 3;
const HASH_UP_TO = 64 * 2 ** 20;
const GOES_ON = "grants-uploads";

class Cancelled extends Error {}
class Refused extends Error {}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 1000 && unit < 2) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

export function start(root) {
  each(root, "[data-upload]", (box) => {
    const input = box.querySelector('input[type="file"]');
    const take = (files) => {
      for (const file of files) new Upload(box, file).run();
      input.value = "";
    };
    input.addEventListener("change", () => take([...input.files]));
    if (input.files.length) take([...input.files]); // chosen before this script came
    box.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.classList.add("g-over");
    });
    for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("g-over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      take(input.multiple ? files : files.slice(0, 1));
    });
    remind(box);
  });
}

/** Says that a file was on its way when the page was left. */
function remind(box) {
  for (const one of Object.values(store.get(GOES_ON) ?? {})) {
    if (one.ticketUrl !== box.dataset.ticketUrl || Date.now() - one.at > 86_400_000) continue;
    list(box).append(
      make("li", { "data-waiting": one.key }, make("strong", {}, one.name), make("span", { class: "g-soft g-num" }, size(one.size)),
        make("p", { class: "g-file-state" }, "Was interrupted. Choose the same file again: it goes on where it stopped.")),
    );
  }
}

const list = (box) => box.querySelector("[data-upload-list]");

class Upload {
  constructor(box, file) {
    this.box = box;
    this.file = file;
    this.requests = new Set();
    this.sent = new Map();
    this.etags = new Map();
    this.cancelled = false;
  }

  get key() {
    return `${this.box.dataset.ticketUrl}|${this.file.name}|${this.file.size}|${this.file.lastModified}`;
  }

  async run() {
    const { box, file } = this;
    this.draw();
    const most = Number(box.dataset.maxBytes || 0);
    if (!file.size) return this.end("bad", "The file is empty.");
    if (most && file.size > most) return this.end("bad", `The file has ${size(file.size)}; at most ${size(most)} are possible.`);
    const leaving = (event) => event.preventDefault();
    addEventListener("beforeunload", leaving);
    try {
      await this.transfer();
    } catch (problem) {
      if (problem instanceof Cancelled) this.end("", "Cancelled.");
      else if (problem instanceof Refused) this.end("bad", problem.message);
      else this.end("bad", "Not uploaded: the connection failed. What was sent is kept.", true);
    } finally {
      removeEventListener("beforeunload", leaving);
    }
    return undefined;
  }

  draw() {
    const { file, box } = this;
    this.bar = make("progress", { max: "100", value: "0", "aria-label": `Upload of ${file.name}` });
    this.state = make("p", { class: "g-file-state" }, "Preparing…");
    this.stop = make("button", { type: "button", class: "g-button-link" }, "Cancel", make("span", { class: "g-hidden" }, ` upload of ${file.name}`));
    this.stop.addEventListener("click", () => this.cancel());
    this.row = make("li", {}, make("strong", {}, file.name), make("span", {}, make("span", { class: "g-soft g-num" }, size(file.size)), " ", this.stop), this.bar, this.state);
    list(box).querySelector(`[data-waiting="${CSS.escape(this.key)}"]`)?.remove();
    this.old?.remove();
    list(box).append(this.row);
  }

  say(text, kind = "") {
    this.state.textContent = text;
    this.state.dataset.kind = kind;
  }

  speak(text) {
    const place = this.box.querySelector("[data-upload-status]");
    if (place) place.textContent = text;
  }

  end(kind, text, again = false) {
    this.say(text, kind);
    this.speak(`${this.file.name}: ${text}`);
    this.bar.remove();
    this.stop.remove();
    if (again) {
      const button = make("button", { type: "button", class: "govuk-button govuk-button--secondary g-button-small" }, "Try again");
      button.addEventListener("click", () => {
        this.row.remove();
        new Upload(this.box, this.file).run();
      });
      this.row.append(button);
    } else {
      this.forget();
    }
  }

  remember(document) {
    const all = store.get(GOES_ON) ?? {};
    all[this.key] = { key: this.key, name: this.file.name, size: this.file.size, document, ticketUrl: this.box.dataset.ticketUrl, at: Date.now() };
    store.set(GOES_ON, all);
  }

  forget() {
    const all = store.get(GOES_ON) ?? {};
    delete all[this.key];
    store.set(GOES_ON, all);
  }

  async transfer() {
    const { file, box } = this;
    const earlier = (store.get(GOES_ON) ?? {})[this.key];
    const ticket = await this.ask(box.dataset.ticketUrl, {
      name: file.name,
      size: file.size,
      media_type: file.type || "application/octet-stream",
      sha256: await hash(file),
      ...(earlier ? { document: earlier.document } : {}),
    });
    this.ticket = ticket;
    this.remember(ticket.document);
    this.began = performance.now();
    if (ticket.multipart) await this.inParts(ticket, earlier);
    else await this.whole(ticket);
    this.bar.value = 100;
    await this.finish(ticket);
  }

  async whole(ticket) {
    await this.patiently(() => this.put(ticket.url, this.file, ticket.headers, 0, ticket.method));
  }

  async inParts(ticket, earlier) {
    const plan = ticket.multipart;
    const done = new Set(plan.done ?? []);
    if (earlier && ticket.status_url) {
      const status = await this.look(ticket.status_url);
      for (const number of status.multipart?.done ?? status.done ?? []) done.add(number);
    }
    const waiting = plan.parts.filter((part) => !done.has(part.number));
    const blob = (number) => this.file.slice((number - 1) * plan.part_size, number * plan.part_size);
    for (const number of done) this.sent.set(number, blob(number).size);
    this.show();
    const worker = async () => {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        let { url } = part;
        await this.patiently(async (attempt) => {
          if (!url || attempt) ({ url } = await this.ask(plan.part_url, { upload_id: plan.upload_id, number: part.number }));
          const etag = await this.put(url, blob(part.number), ticket.headers, part.number, ticket.method);
          this.etags.set(part.number, etag);
        });
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    } catch (problem) {
      waiting.length = 0;
      for (const request of this.requests) request.abort();
      throw problem;
    }
    await this.patiently(() =>
      this.ask(plan.complete_url, { upload_id: plan.upload_id, parts: [...this.etags].sort(([a], [b]) => a - b).map(([number, etag]) => ({ number, etag })) }),
    );
  }

  /** Three more attempts, each later; while the device is offline the clock does not run. */
  async patiently(work) {
    for (let attempt = 0; ; attempt += 1) {
      if (this.cancelled) throw new Cancelled();
      try {
        return await work(attempt);
      } catch (problem) {
        if (problem instanceof Cancelled || problem instanceof Refused) throw problem;
        if (!navigator.onLine) {
          this.say("No connection. It goes on by itself when the connection is back.");
          await Promise.race([new Promise((resolve) => addEventListener("online", resolve, { once: true })), sleep(60_000)]);
          attempt = Math.min(attempt, WAITS.length - 1) - 1;
          continue;
        }
        if (attempt >= WAITS.length) throw problem;
        this.say("The connection was cut. Trying again…");
        await sleep(WAITS[attempt]);
      }
    }
  }

  put(url, blob, headers, number, method = "PUT") {
    return new Promise((resolve, reject) => {
      if (this.cancelled) {
        reject(new Cancelled());
        return;
      }
      const request = new XMLHttpRequest();
      this.requests.add(request);
      const ended = (settle, value) => {
        this.requests.delete(request);
        settle(value);
      };
      const failed = () => {
        this.sent.set(number, 0);
        ended(reject, this.cancelled ? new Cancelled() : new Error(`status ${request.status}`));
      };
      request.open(method ?? "PUT", url);
      for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
      request.timeout = 600_000;
      request.upload.addEventListener("progress", (event) => {
        this.sent.set(number, event.loaded);
        this.show();
      });
      request.addEventListener("load", () => {
        if (request.status >= 200 && request.status < 300) {
          this.sent.set(number, blob.size);
          this.show();
          ended(resolve, request.getResponseHeader("ETag") ?? "");
        } else if (request.status === 413) {
          ended(reject, new Refused("The file is larger than the server takes."));
        } else {
          failed();
        }
      });
      for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, failed);
      request.send(blob);
    });
  }

  show() {
    const sent = [...this.sent.values()].reduce((sum, one) => sum + one, 0);
    const percent = Math.min(100, Math.floor((sent / this.file.size) * 100));
    this.bar.value = percent;
    if (!this.cancelled) this.say(`${percent} %, ${size(sent)} of ${size(this.file.size)}`);
    const quarter = Math.floor(percent / 25);
    if (quarter !== this.quarter && percent < 100) {
      this.quarter = quarter;
      this.speak(`${this.file.name}: ${percent} %`);
    }
  }

  async ask(url, body) {
    const { status, body: answer } = await postJson(url, body);
    if (status >= 200 && status < 300) return answer;
    if (status >= 500 || status === 429 || status === 408) throw new Error(`status ${status}`);
    if (status === 401) throw new Refused("You were signed out. Sign in, then choose the file again.");
    throw new Refused(answer.message ?? answer.findings?.map((one) => one.message).join(" ") ?? "The server did not accept this file.");
  }

  async look(url) {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store" });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  }

  async finish(ticket) {
    this.say("Checking…");
    this.stop.remove();
    let answer = await this.patiently(() => this.ask(ticket.done_url, { document: ticket.document }));
    for (let wait = 500; answer.state === "checking"; wait = Math.min(wait * 1.6, 8000)) {
      this.say("Uploaded. Being checked…");
      await sleep(wait);
      answer = await this.patiently(() => this.look(ticket.status_url));
    }
    const findings = (answer.findings ?? []).map((one) => one.message).filter(Boolean);
    if (answer.state === "accepted") {
      const facts = [size(answer.size ?? this.file.size), answer.pages ? `${answer.pages} ${answer.pages === 1 ? "page" : "pages"}` : null, answer.scanned ? "checked for viruses" : "checked"].filter(Boolean);
      this.end("ok", `Saved: ${facts.join(", ")}.${findings.length ? ` ${findings.join(" ")}` : ""}`);
    } else {
      this.end("bad", findings.join(" ") || answer.message || "The file was not accepted.");
    }
    for (const [place, html] of Object.entries(answer.fragments ?? {})) replaceWithHtml(place, html);
    if (answer.html) {
      const target = this.box.dataset.uploadTarget;
      if (target) replaceWithHtml(target, answer.html);
    }
    if (answer.state === "accepted") await this.renew();
    this.box.dispatchEvent(new CustomEvent("grants:uploaded", { bubbles: true, detail: answer }));
  }

  /** What the page says above the form (files that are there, warnings about them), as the server tells it now. */
  async renew() {
    const section = this.box.closest("section[id]");
    const form = this.box.closest("form");
    if (!section || form?.parentElement !== section) return;
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = parsed(await answer.text()).getElementById(section.id);
    if (!fresh) return;
    while (form.previousElementSibling) form.previousElementSibling.remove();
    for (const one of [...fresh.children]) {
      if (one.tagName === "FORM") break;
      form.before(document.importNode(one, true));
    }
    document.dispatchEvent(new CustomEvent("htmx:after:swap")); // what came is started like any part of a page
  }

  cancel() {
    this.cancelled = true;
    for (const request of this.requests) request.abort();
    this.stop.remove();
    this.say("Cancelled.");
    if (this.ticket?.cancel_url) postJson(this.ticket.cancel_url, { document: this.ticket.document }).catch(() => {});
  }
}

/** SHA-256 in hex of files that fit into memory; undefined for larger ones and on insecure addresses. */
async function hash(file) {
  if (!crypto.subtle || file.size > HASH_UP_TO) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
