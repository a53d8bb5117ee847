// The queue: which papers wait, in an order, page by page.

import { ask } from "./api.js";
import { byId, counted, el, foreign, percent, plain } from "./dom.js";
import { moment } from "./desk-words.js";
import { keep, kept } from "./tab.js";

const PAGE = 25;
const CHOICES = "scixtag-queue"; // order and progress, kept in this tab
const PAUSE = 250; // ms without a key: what is looked for has been typed

/** The list of papers. */
export class QueueList {
  #befores = [null];
  #asked = 0;
  #typing = null;

  /**
   * @param {{body: HTMLElement, note: HTMLElement, order: HTMLSelectElement, progress: HTMLSelectElement,
   *   find: HTMLInputElement, back: HTMLButtonElement, more: HTMLButtonElement}} parts
   * @param {{counted: (counts: object) => void, trouble: (error: Error) => void, seek: (text: string) => void}} told
   *   `seek`: something else is looked for.
   */
  constructor(parts, told) {
    this.parts = parts;
    this.told = told;
    this.#restore();
    for (const choice of [parts.order, parts.progress]) {
      choice.addEventListener("change", () => {
        keep(CHOICES, `${parts.order.value} ${parts.progress.value}`);
        this.first();
      });
    }
    parts.find.addEventListener("input", () => this.#sought(PAUSE));
    parts.find.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) this.#sought(0);
      else if (event.key === "Escape" && !parts.find.value) byId("main").focus();
    });
    parts.more.addEventListener("click", () => this.#turn(1));
    parts.back.addEventListener("click", () => this.#turn(-1));
  }

  /** Show papers with something in their title or id; where it is the same as before, on the page where one was. */
  seek(text) {
    const { find } = this.parts;
    clearTimeout(this.#typing);
    if (find.value.trim() === text) return this.show();
    find.value = text;
    return this.first();
  }

  /** Begin with the first page. */
  first() {
    this.#befores = [null];
    return this.show();
  }

  /** Show this page as it is now. */
  async show() {
    const { order, progress, find, body, note, more, back } = this.parts;
    const sought = find.value.trim();
    const turn = (this.#asked += 1);
    const query = new URLSearchParams({ order: order.value, progress: progress.value, limit: String(PAGE + 1) });
    if (sought) query.set("q", sought);
    const after = this.#befores.at(-1);
    if (after !== null) query.set("after", after);
    let answer;
    try {
      answer = await ask(`/v1/review/queue?${query}`);
    } catch (error) {
      if (turn !== this.#asked) return undefined;
      if (error.kind === "unknown-paper" && after !== null) return this.first();
      this.told.trouble(error);
      return undefined;
    }
    if (turn !== this.#asked) return undefined; // something else is wanted by now
    const { counts } = answer;
    const papers = answer.papers.slice(0, PAGE);
    const isMore = answer.papers.length > PAGE;
    if (papers.length === 0 && after !== null) return this.first(); // they have gone meanwhile
    this.told.counted(counts);
    body.replaceChildren(...papers.map((paper) => this.#row(paper)));
    this.last = papers.at(-1)?.id ?? null;
    const page = this.#befores.length;
    const fit = sought ? [" for “", foreign(sought), "”"] : [];
    note.replaceChildren(
      ...(papers.length ? [`Page ${page}, ${counted(papers.length, "paper")}`, ...fit, isMore ? "; more follow" : ""] : emptyNote(counts, progress.value, sought)),
    );
    this.#enable(more, isMore);
    this.#enable(back, page > 1);
    return answer;
  }

  #restore() {
    const [order, progress] = (kept(CHOICES) ?? "").split(" ");
    for (const [choice, value] of [[this.parts.order, order], [this.parts.progress, progress]]) {
      if ([...choice.options].some((option) => option.value === value)) choice.value = value;
    }
  }

  #enable(button, is) {
    // Not `disabled`, which would drop the focus.
    button.setAttribute("aria-disabled", String(!is));
  }

  #sought(pause) {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      this.told.seek(this.parts.find.value.trim());
      this.first();
    }, pause);
  }

  async #turn(by) {
    const button = by > 0 ? this.parts.more : this.parts.back;
    if (button.getAttribute("aria-disabled") === "true") return;
    if (by > 0) this.#befores.push(this.last);
    else this.#befores.pop();
    await this.show();
    this.parts.body.closest("table").scrollIntoView({ block: "start" });
  }

  #row(paper) {
    const open = el(
      "a",
      { href: `#/paper/${encodeURIComponent(paper.id)}` },
      paper.title ? foreign(paper.title) : el("i", {}, "no title"),
    );
    const held = paper.claimed_by ? el("span", { class: "badge" }, "with ", foreign(paper.claimed_by)) : null;
    const state = paper.progress === "open" ? null : el("span", { class: `badge ${plain(paper.progress)}` }, paper.progress);
    return el(
      "tr",
      {},
      el("td", { class: "paper" }, el("span", { class: "headline" }, open), el("span", { class: "meta" }, foreign(paper.id), state, held)),
      el("td", { class: "right", "data-name": "uncertainty" }, percent(paper.uncertainty)),
      el("td", { class: "right", "data-name": "gain" }, paper.expected_gain.toFixed(2)),
      el("td", { class: "right", "data-name": "imported" }, moment(paper.imported_at)),
    );
  }
}

function emptyNote(counts, progress, sought) {
  const all = Object.values(counts).reduce((one, other) => one + other, 0);
  if (all === 0) return ["There are no papers yet. Import some below."];
  if (sought) {
    const where = progress === "all" ? "." : ` among those that are ${progress}; show all to look among the others, too.`;
    return ["No paper fits “", foreign(sought), "”", where];
  }
  return [progress === "open" ? "No paper waits. Import more, or look at those that were skipped." : "There are no papers of this kind."];
}
