// [data-pdf="/url"]: pdf.js in our own frame. Pages are drawn when they come near; the library is loaded with them.
// Elements with data-pdf-goto="12" anywhere on the page jump to that page.
import { each, make } from "./dom.js";

const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3];
const MOST_READ = 200;
const MOST_SECTIONS = 80;

export function start(root) {
  each(root, "[data-pdf]", (frame) => {
    const view = new View(frame);
    // Nothing heavy happens before the frame can be seen.
    new IntersectionObserver((entries, watcher) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      view.open();
    }, { rootMargin: "200px" }).observe(frame);
  });
}

class View {
  constructor(frame) {
    this.frame = frame;
    this.find = (name) => frame.querySelector(`[data-pdf-${name}]`);
    this.pages = this.find("pages");
    this.number = this.find("page");
    this.zoom = 3;
    this.sheets = [];
    this.hits = [];
    this.hit = -1;
  }

  note(text) {
    this.find("note").textContent = text;
  }

  async open() {
    const { frame } = this;
    this.note("Loading…");
    try {
      this.lib = await import(frame.dataset.pdfLib);
      this.lib.GlobalWorkerOptions.workerSrc = frame.dataset.pdfWorker;
      this.doc = await this.lib.getDocument({
        url: frame.dataset.pdf,
        isEvalSupported: false,
        useWasm: false,
        enableXfa: false,
        stopAtErrors: false,
        // Our address leads to the store, which must not get our cookies; in one piece, as each opening is written down.
        withCredentials: false,
        disableRange: true,
      }).promise;
    } catch {
      this.note("The document cannot be shown here. Open it in a new tab.");
      return;
    }
    this.note("");
    this.find("needs-script").hidden = false;
    this.find("count").textContent = this.doc.numPages;
    this.number.value = "1";
    const first = await this.doc.getPage(1);
    this.base = first.getViewport({ scale: 1 });
    this.lay();
    this.listen();
    this.go(Number(frame.dataset.pdfStart || 1));
    this.offer(await this.outlined()) || this.offer(await this.headed());
  }

  /** Sections by the document's own outline, two levels deep: [title, page]. */
  async outlined() {
    const found = [];
    const visit = async (entries, depth) => {
      for (const entry of entries ?? []) {
        const dest = typeof entry.dest === "string" ? await this.doc.getDestination(entry.dest) : entry.dest;
        const page = dest?.[0] && typeof dest[0] === "object" ? (await this.doc.getPageIndex(dest[0])) + 1 : null;
        if (page) found.push([`${"\u2003".repeat(depth)}${entry.title}`, page]);
        if (depth < 1) await visit(entry.items, depth + 1);
      }
    };
    try {
      await visit(await this.doc.getOutline(), 0);
    } catch {
      return []; // a damaged outline is none
    }
    return found;
  }

  /** Without an outline: lines in larger print than most of the text. Copies for evaluators have none. */
  async headed() {
    const lines = [];
    const print = new Map();
    for (let number = 1; number <= Math.min(this.doc.numPages, MOST_READ); number += 1) {
      const { items } = await (await this.doc.getPage(number)).getTextContent();
      let line = null;
      for (const item of items) {
        const size = Math.round((item.height ?? 0) * 2) / 2;
        if (item.str?.trim() && size) {
          print.set(size, (print.get(size) ?? 0) + item.str.length);
          const same = line && Math.abs(line.at - item.transform[5]) < 2;
          if (same) line.text += item.str;
          else lines.push((line = { text: item.str, size, at: item.transform[5], number }));
        } else if (line && item.str) {
          line.text += item.str;
        }
      }
    }
    const usual = [...print].sort((one, other) => other[1] - one[1])[0]?.[0];
    const large = lines.filter(({ text, size }) => size >= usual * 1.15 && text.trim().length > 2 && text.length < 120);
    return large.map(({ text, number }) => [text.trim(), number]);
  }

  /** Fills the list of sections; whether there is more than one. */
  offer(sections) {
    if (sections.length < 2) return false;
    const list = this.find("sections");
    for (const [title, page] of sections.slice(0, MOST_SECTIONS)) list.append(make("option", { value: String(page) }, title));
    list.addEventListener("change", () => list.value && this.go(Number(list.value)));
    list.closest("label").hidden = false;
    return true;
  }

  get scale() {
    const room = this.pages.clientWidth - 24;
    return Math.max(0.2, (room / this.base.width) * ZOOMS[this.zoom]);
  }

  lay() {
    this.watcher?.disconnect();
    this.watcher = new IntersectionObserver((entries) => entries.forEach((entry) => this.near(entry)), { root: this.pages, rootMargin: "600px 0px" });
    this.sheets = Array.from({ length: this.doc.numPages }, (_, at) => {
      const sheet = make("div", { class: "g-pdf-sheet", "data-number": String(at + 1), role: "group", "aria-label": `Page ${at + 1}` });
      this.fit(sheet, this.base);
      return sheet;
    });
    this.pages.replaceChildren(...this.sheets);
    for (const sheet of this.sheets) this.watcher.observe(sheet);
  }

  fit(sheet, base) {
    sheet.style.width = `${Math.floor(base.width * this.scale)}px`;
    sheet.style.height = `${Math.floor(base.height * this.scale)}px`;
    sheet.style.setProperty("--total-scale-factor", this.scale);
    sheet.style.setProperty("--scale-factor", this.scale);
  }

  near({ target, isIntersecting }) {
    if (isIntersecting) {
      this.draw(target);
    } else if (target.dataset.drawn) {
      target.task?.cancel();
      target.replaceChildren();
      delete target.dataset.drawn;
    }
  }

  async draw(sheet) {
    if (sheet.dataset.drawn) return;
    sheet.dataset.drawn = "1";
    const page = await this.doc.getPage(Number(sheet.dataset.number));
    if (!sheet.dataset.drawn || !sheet.isConnected) return;
    const scale = this.scale;
    const viewport = page.getViewport({ scale });
    this.fit(sheet, page.getViewport({ scale: 1 }));
    const sharp = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = make("canvas", { "aria-hidden": "true" });
    canvas.width = Math.floor(viewport.width * sharp);
    canvas.height = Math.floor(viewport.height * sharp);
    const text = make("div", { class: "textLayer" });
    sheet.replaceChildren(canvas, text);
    try {
      sheet.task = page.render({ canvas, viewport: page.getViewport({ scale: scale * sharp }) });
      await sheet.task.promise;
      await new this.lib.TextLayer({ textContentSource: page.streamTextContent(), container: text, viewport }).render();
      this.mark(sheet);
    } catch (problem) {
      if (problem?.name !== "RenderingCancelledException") this.note(`Page ${sheet.dataset.number} cannot be shown.`);
    }
  }

  listen() {
    const { frame, pages } = this;
    this.number.addEventListener("change", () => this.go(Number(this.number.value)));
    this.number.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.go(Number(this.number.value));
    });
    for (const button of frame.querySelectorAll("[data-pdf-zoom]")) {
      button.addEventListener("click", () => this.resize(this.zoom + Number(button.dataset.pdfZoom)));
    }
    const search = this.find("find");
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.search(search.value, event.shiftKey ? -1 : 1);
    });
    search.addEventListener("search", () => search.value || this.search("", 1));
    let waiting = null;
    pages.addEventListener("scroll", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        if (document.activeElement !== this.number) this.number.value = String(this.current());
      }, 80);
    });
    pages.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const jump = { n: 1, p: -1 }[event.key];
      if (jump) this.go(this.current() + jump);
      else if (event.key === "+" || event.key === "=") this.resize(this.zoom + 1);
      else if (event.key === "-") this.resize(this.zoom - 1);
      else if (event.key === "/") search.focus();
      else return;
      event.preventDefault();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("[data-pdf-goto]");
      if (!link) return;
      event.preventDefault();
      this.go(Number(link.dataset.pdfGoto));
    });
    let width = pages.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(pages.clientWidth - width) < 8) return;
      width = pages.clientWidth;
      this.resize(this.zoom);
    }).observe(pages);
  }

  current() {
    const middle = this.pages.scrollTop + this.pages.clientHeight / 3;
    const at = this.sheets.findIndex((sheet) => sheet.offsetTop + sheet.offsetHeight > middle);
    return at < 0 ? this.sheets.length : at + 1;
  }

  go(number) {
    const wanted = Math.min(Math.max(1, Math.trunc(number) || 1), this.sheets.length);
    this.number.value = String(wanted);
    this.pages.scrollTop = this.sheets[wanted - 1].offsetTop - 8;
  }

  resize(zoom) {
    const page = this.current();
    this.zoom = Math.min(Math.max(0, zoom), ZOOMS.length - 1);
    this.lay();
    this.go(page);
    this.note(`${Math.round(ZOOMS[this.zoom] * 100)} %`);
  }

  async textOf(number) {
    this.texts ??= new Map();
    if (!this.texts.has(number)) {
      const page = await this.doc.getPage(number);
      const content = await page.getTextContent();
      this.texts.set(number, content.items.map((item) => `${item.str ?? ""}${item.hasEOL ? " " : ""}`).join("").toLocaleLowerCase());
    }
    return this.texts.get(number);
  }

  async search(words, step) {
    const wanted = words.trim().toLocaleLowerCase();
    if (wanted !== this.wanted) {
      this.wanted = wanted;
      this.hits = [];
      this.hit = -1;
      if (wanted) {
        this.note("Searching…");
        for (let number = 1; number <= this.doc.numPages; number += 1) {
          const text = await this.textOf(number);
          if (this.wanted !== wanted) return;
          for (let at = text.indexOf(wanted), nth = 0; at >= 0; at = text.indexOf(wanted, at + wanted.length), nth += 1) {
            this.hits.push({ number, nth });
          }
        }
      }
    }
    if (!wanted) {
      this.note("");
    } else if (!this.hits.length) {
      this.note(`“${words.trim()}” is not in this document.`);
    } else {
      this.hit = (this.hit + step + this.hits.length) % this.hits.length;
      const { number } = this.hits[this.hit];
      this.note(`${this.hit + 1} of ${this.hits.length}, page ${number}`);
      if (this.current() !== number) this.go(number);
    }
    this.markAll();
  }

  markAll() {
    globalThis.CSS?.highlights?.delete("g-find");
    globalThis.CSS?.highlights?.delete("g-find-now");
    for (const sheet of this.sheets) if (sheet.dataset.drawn) this.mark(sheet);
  }

  /** Marks what was found on a page that is drawn. Browsers without highlights still go to the page. */
  mark(sheet) {
    const marks = globalThis.CSS?.highlights;
    const layer = sheet.querySelector(".textLayer");
    if (!marks || !layer || !this.wanted) return;
    const nodes = [];
    const walker = document.createTreeWalker(layer, NodeFilter.SHOW_TEXT);
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      nodes.push([text.length, node]);
      text += node.data.toLocaleLowerCase();
      if (node.parentElement.nextElementSibling?.tagName === "BR") text += " ";
    }
    const place = (at) => {
      const [from, node] = nodes.findLast(([begin]) => begin <= at);
      return [node, Math.min(at - from, node.data.length)];
    };
    const now = this.hits[this.hit];
    for (let at = text.indexOf(this.wanted), nth = 0; at >= 0; at = text.indexOf(this.wanted, at + this.wanted.length), nth += 1) {
      const range = document.createRange();
      range.setStart(...place(at));
      range.setEnd(...place(at + this.wanted.length));
      const name = now && now.number === Number(sheet.dataset.number) && now.nth === nth ? "g-find-now" : "g-find";
      if (!marks.has(name)) marks.set(name, new Highlight());
      marks.get(name).add(range);
      if (name === "g-find-now") {
        const box = range.getBoundingClientRect();
        const room = this.pages.getBoundingClientRect();
        if (box.top < room.top || box.bottom > room.bottom) this.pages.scrollTop += box.top - room.top - room.height / 3;
      }
    }
  }
}
