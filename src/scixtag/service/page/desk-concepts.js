// The concepts of a paper on the desk: a grid whose rows one goes through by keyboard.

import { el, foreign, percent, plain } from "./dom.js";

const SIGNS = { accepted: "✓", added: "+", rejected: "✕", swapped: "⇄", suggested: "" };

/**
 * A row a concept (ARIA: a grid whose rows take the focus); rows are kept as long as their concepts are there, so that
 * the focus is not lost when something is saved.
 */
export class ConceptGrid {
  #rows = new Map();
  #current = null;

  /**
   * @param {HTMLElement} table With `role="grid"`.
   * @param {{chosen: (uri: string) => void, decide: (action: "accept"|"reject", uri: string) => void}} told
   */
  constructor(table, told) {
    this.table = table;
    this.told = told;
    table.addEventListener("keydown", (event) => this.#key(event));
    table.addEventListener("focusin", ({ target }) => this.#follow(target.closest("tr").dataset.uri));
  }

  /** The URI of the concept that keys act on; null if there is none. */
  get current() {
    return this.#current;
  }

  /** All URIs in order. */
  get uris() {
    return [...this.#rows.keys()];
  }

  /**
   * Show concepts.
   *
   * @param {object[]} standings Of the paper; with `pending` in words where a decision is on its way.
   */
  show(standings) {
    const before = this.uris;
    const hadFocus = this.hasFocus;
    const wanted = new Set(standings.map(({ uri }) => uri));
    for (const uri of before) {
      if (wanted.has(uri)) continue;
      this.#rows.get(uri).row.remove();
      this.#rows.delete(uri);
    }
    const inOrder = standings.map((standing) => [standing.uri, this.#rows.get(standing.uri) ?? this.#row(standing.uri)]);
    this.#rows = new Map(inOrder);
    standings.forEach((standing) => this.#fill(this.#rows.get(standing.uri), standing));
    this.#place();
    if (this.#current === null || !wanted.has(this.#current)) {
      const at = Math.max(0, Math.min(before.indexOf(this.#current), standings.length - 1));
      this.choose(standings[at]?.uri ?? null, { focus: hadFocus });
    }
  }

  /** Forget the concepts of another paper. */
  clear() {
    this.#rows.clear();
    this.#current = null;
    this.table.replaceChildren();
  }

  /** Whether the focus is on a row. */
  get hasFocus() {
    return this.table.contains(document.activeElement);
  }

  /** Make a concept the one that keys act on. */
  choose(uri, { focus = false } = {}) {
    this.#current = uri;
    for (const [other, { row }] of this.#rows) {
      row.tabIndex = other === uri ? 0 : -1;
      row.setAttribute("aria-selected", String(other === uri));
    }
    const row = this.#rows.get(uri)?.row;
    if (focus && row) {
      row.focus({ preventScroll: true });
      row.scrollIntoView({ block: "nearest" });
    }
    this.told.chosen(uri);
  }

  /** Go some rows on. */
  step(by) {
    const uris = this.uris;
    if (uris.length === 0) return;
    const at = uris.indexOf(this.#current);
    this.choose(uris[Math.max(0, Math.min(uris.length - 1, at + by))], { focus: true });
  }

  /** Put the focus on the row that keys act on. */
  focus({ preventScroll = false } = {}) {
    this.#rows.get(this.#current)?.row.focus({ preventScroll });
  }

  /** Keys act on the row that has the focus, however it came there. */
  #follow(uri) {
    if (uri !== this.#current) this.choose(uri);
  }

  #place() {
    // Rows that stay where they are keep the focus: nothing is moved that need not be.
    let before = null;
    for (const { row } of this.#rows.values()) {
      const next = before === null ? this.table.firstElementChild : before.nextElementSibling;
      if (next !== row) this.table.insertBefore(row, next);
      before = row;
    }
  }

  #row(uri) {
    const cell = (className) => el("td", { role: "gridcell", class: className });
    const parts = { sign: cell("sign"), name: cell("term"), share: cell("share"), acts: cell("acts") };
    const row = el("tr", { role: "row", class: "standing", tabindex: "-1" }, Object.values(parts));
    const accept = el("button", { type: "button", class: "icon yes", tabindex: "-1" }, "✓");
    const reject = el("button", { type: "button", class: "icon no", tabindex: "-1" }, "✕");
    accept.addEventListener("click", () => this.told.decide("accept", uri));
    reject.addEventListener("click", () => this.told.decide("reject", uri));
    parts.acts.append(accept, reject);
    parts.acts.dataset.needs = "curator";
    row.addEventListener("click", (event) => {
      if (getSelection()?.isCollapsed ?? true) this.choose(uri, { focus: !event.target.closest("button") });
    });
    return { row, ...parts, accept, reject };
  }

  #fill({ row, sign, name, share, accept, reject }, standing) {
    const { label, status, counts, probability, selected, deprecated, pending } = standing;
    row.dataset.status = status;
    row.dataset.uri = standing.uri;
    row.dataset.counts = String(counts);
    row.dataset.deprecated = String(deprecated);
    row.dataset.pending = pending ? pending.state : "";
    sign.replaceChildren(el("span", { "aria-hidden": "true" }, SIGNS[status] ?? ""));
    name.replaceChildren(el("span", { class: "label" }, foreign(label)), el("span", { class: "said" }, saidOf(standing)));
    share.replaceChildren(...shareOf(probability, selected && !deprecated));
    accept.setAttribute("aria-label", `Accept ${plain(label)}`);
    reject.setAttribute("aria-label", `Reject ${plain(label)}`);
    accept.title = "Accept (a)";
    reject.title = "Reject (r)";
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = event.target.closest("tr");
    const buttons = [...row.querySelectorAll("button")];
    const at = buttons.indexOf(event.target);
    if (event.key === "ArrowRight") (buttons[at + 1] ?? event.target).focus();
    else if (event.key === "ArrowLeft") (at > 0 ? buttons[at - 1] : row).focus();
    else if (event.key === "Home") this.step(-Infinity);
    else if (event.key === "End") this.step(Infinity);
    else if (event.key === "Escape" && at >= 0) row.focus();
    else return;
    event.preventDefault();
  }
}

function saidOf({ status, who, other, selected, deprecated, pending }) {
  if (pending) return el("span", { class: "pending" }, `${pending.state === "unsaved" ? "not saved" : pending.told}: `, pending.words);
  const by = who ? [" by ", foreign(who)] : [];
  if (status === "suggested" && deprecated) return "deprecated: counts only if you accept it";
  if (status === "suggested") return selected ? "the model says yes" : null;
  if (status === "swapped" && other) return ["swapped for ", foreign(other.label), by];
  return [status, by, deprecated ? "; deprecated" : ""];
}

function shareOf(probability, selected) {
  if (probability === null) return [el("span", { class: "faint" }, "–", el("span", { class: "unseen" }, " not by the model"))];
  const level = el("span", { class: "level" });
  const bar = el("span", { class: selected ? "meter taken" : "meter", "aria-hidden": "true" }, level);
  level.style.setProperty("--share", probability);
  return [bar, el("span", { class: "number" }, percent(probability), el("span", { class: "unseen" }, " probable"))];
}
