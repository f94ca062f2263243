// <table data-budget data-indirect="25" data-indirect-without="B">: live totals and paste from a spreadsheet.
//
// Rows: tr[data-row] (may carry data-rate, data-indirect of its own). Cells: input[data-col]; a col of "rate" is the
// funding rate in %. Results: [data-out="direct|E|total|contribution"] in the row, [data-colsum="A|…"] anywhere in
// the form. A cell with data-unit-cost holds a number of units. Columns "share.N" are shares of a lump sum, "requested"
// is what is asked for. The server computes again and is right; this only shows at once what it will say.
//
// Cells may belong to a form elsewhere in their row (form="id"). When a row was saved, the totals of data-totals are
// fetched once for however many rows were saved together.
import { each, replaceWithHtml } from "./dom.js";

/** What a person typed, as a number of cents, or null where it is not an amount. The same rules as on the server. */
export function cents(text) {
  let plain = text.trim().replace(/^€|€$/g, "").replace(/[\s\u00a0\u2009\u202f'’]/g, "");
  if (!plain) return 0;
  if (!/^[\d.,]+$/.test(plain)) return null;
  const marks = plain.replace(/\d/g, "");
  let decimal = "";
  if (marks.includes(",") && marks.includes(".")) decimal = marks.at(-1);
  else if (marks.length === 1 && plain.length - plain.indexOf(marks) - 1 !== 3) decimal = marks;
  const at = decimal ? plain.lastIndexOf(decimal) : plain.length;
  const groups = plain.slice(0, at).split(/[.,]/);
  if (groups.length > 1 && !(groups[0].length > 0 && groups[0].length <= 3 && groups.slice(1).every((group) => group.length === 3))) return null;
  const rest = plain.slice(at + 1);
  if (rest.length > 2 || /\D/.test(rest)) return null;
  plain = groups.join("");
  const amount = Number(plain || "0") * 100 + Number(rest.padEnd(2, "0") || 0);
  return Number.isSafeInteger(amount) ? amount : null;
}

/** 193675050 → "1 936 750.50"; whole euros without decimals. */
export function words(amount) {
  const whole = Math.floor(Math.abs(amount) / 100).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const rest = Math.abs(amount) % 100;
  return `${amount < 0 ? "−" : ""}${whole}${rest ? `.${String(rest).padStart(2, "0")}` : ""}`;
}

const share = (amount, percent) => Math.floor((amount * Math.round(percent * 100)) / 10_000 + 0.5);

function percentOf(text) {
  const number = Number(String(text ?? "").trim().replace("%", "").replace(",", "."));
  return Number.isFinite(number) && number >= 0 ? number : null;
}

function total(table) {
  const sums = {};
  const add = (name, amount) => {
    sums[name] = (sums[name] ?? 0) + amount;
  };
  const without = new Set((table.dataset.indirectWithout ?? "B").split(/[\s,]+/));
  for (const row of table.querySelectorAll("tr[data-row]")) {
    let direct = 0;
    let base = 0;
    let shared = 0;
    let wanted = null;
    let rate = percentOf(row.dataset.rate ?? 100);
    for (const cell of row.querySelectorAll("[data-col]")) {
      const text = "value" in cell ? cell.value : cell.textContent;
      if (cell.dataset.col === "rate") {
        rate = percentOf(text) ?? 0;
        continue;
      }
      if (cell.dataset.col === "requested") {
        wanted = text.trim() ? cents(text) : null;
        continue;
      }
      const typed = cents(text) ?? 0;
      const amount = cell.dataset.unitCost ? Math.floor((typed * (cents(cell.dataset.unitCost) ?? 0)) / 100 + 0.5) : typed;
      if (cell.dataset.col.startsWith("share.")) {
        shared += amount;
        add(cell.dataset.col, amount);
        continue;
      }
      direct += amount;
      if (!without.has(cell.dataset.col)) base += amount;
      add(cell.dataset.col, amount);
    }
    const indirect = share(base, percentOf(row.dataset.indirect ?? table.dataset.indirect ?? 25));
    const whole = direct + indirect;
    const income = cents(row.closest("tbody")?.querySelector('input[name="income"]')?.value ?? "") ?? 0;
    const most = table.hasAttribute("data-no-profit") ? Math.max(0, whole - income) : whole;
    const ceiling = row.dataset.paid === "0" ? 0 : Math.min(share(whole, rate ?? 100), most);
    const asked = table.hasAttribute("data-lump") ? shared : Math.min(ceiling, wanted ?? ceiling);
    const out = { direct, E: indirect, total: whole, contribution: asked };
    for (const [name, amount] of Object.entries(out)) {
      add(name, amount);
      for (const place of row.querySelectorAll(`[data-out="${name}"]`)) place.textContent = words(amount);
    }
  }
  const scope = table.closest("form")?.parentElement ?? document;
  for (const place of scope.querySelectorAll("[data-colsum]")) {
    if (place.dataset.colsum in sums) place.textContent = `${place.dataset.prefix ?? ""}${words(sums[place.dataset.colsum])}`;
  }
}

function paste(table, event) {
  const from = event.target.closest?.("input[data-col]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!from || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const block = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n").map((line) => line.split("\t"));
  const rows = [...table.querySelectorAll("tr[data-row]")];
  const top = rows.indexOf(from.closest("tr"));
  const left = [...rows[top].querySelectorAll("input[data-col]")].indexOf(from);
  const before = [];
  const changed = new Set();
  block.forEach((line, down) => {
    const cells = rows[top + down] ? [...rows[top + down].querySelectorAll("input[data-col]")] : [];
    line.forEach((value, right) => {
      const cell = cells[left + right];
      if (!cell || cell.readOnly || cell.disabled) return;
      const amount = cell.dataset.col === "rate" ? null : cents(value);
      before.push([cell, cell.value]);
      changed.add(cell);
      cell.value = amount === null ? value.trim() : words(amount).replaceAll("\u202f", " ");
      cell.closest("td")?.classList.add("g-pasted");
    });
  });
  setTimeout(() => {
    for (const cell of table.querySelectorAll(".g-pasted")) cell.classList.remove("g-pasted");
  }, 2500);
  remember({ table, before });
  tell(changed);
}

let undo = null;

/** Keeps what a paste put something over; null: there is nothing to undo. */
function remember(what) {
  undo = what;
  for (const button of document.querySelectorAll("[data-undo]")) button.hidden = what === null;
}

function takeBack() {
  if (!undo) return;
  const { before } = undo;
  remember(null);
  for (const [field, value] of before) field.value = value;
  tell(new Set(before.map(([field]) => field)));
  before[0]?.[0].focus();
}

/** As if typed: once in each row, so that every changed row saves itself. */
function tell(cells) {
  const rows = new Map([...cells].map((cell) => [cell.closest("tr"), cell]));
  for (const cell of rows.values()) cell.dispatchEvent(new Event("input", { bubbles: true }));
}

let asked = 0;
/** The server's totals, after a moment in which other rows may be saved too; only the last answer is shown. */
function fetchTotals(table) {
  asked += 1;
  const mine = asked;
  setTimeout(async () => {
    if (mine !== asked) return;
    try {
      const answer = await fetch(table.dataset.totals, { credentials: "same-origin" });
      if (answer.ok && !answer.redirected && mine === asked) replaceWithHtml("#totals", await answer.text());
    } catch {
      // the next save asks again
    }
  }, 150);
}

export function start(root) {
  each(root, "table[data-budget]", (table) => {
    table.addEventListener("input", (event) => {
      if (event.isTrusted) remember(null);
      const error = document.getElementById(`${event.target.id}-error`);
      if (error && cents(event.target.value) !== null) error.remove();
      total(table);
    });
    if (table.dataset.totals) table.addEventListener("grants:saved", () => fetchTotals(table));
    each(document.body, "[data-undo]", (button) => button.addEventListener("click", takeBack));
    table.addEventListener("grants:put", () => total(table));
    table.addEventListener("paste", (event) => paste(table, event));
    table.dataset.ready = ""; // from here on a block can be pasted
    table.addEventListener("keydown", (event) => {
      const cell = event.target.closest?.("input[data-col]");
      if (!cell) return;
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && undo?.table === table) {
        event.preventDefault();
        takeBack();
        return;
      }
      const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      const same = [...table.querySelectorAll(`input[data-col="${CSS.escape(cell.dataset.col)}"]`)];
      const next = same[same.indexOf(cell) + step];
      if (event.key === "Enter") event.preventDefault();
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.select();
    });
    total(table);
  });
}
