// The list of suggestions: choose them, open one.

import { isTaken } from "./choice.js";
import { el, foreign, percent, plain, same } from "./dom.js";

const SHORT = 30; // words: a title without an abstract

/**
 * Rows of suggestions, each with a box to choose it and a button that opens it.
 *
 * Keys: up and down go from row to row, left and right between box and name; Escape closes what is open.
 */
export class SuggestionList {
  #rows = new Map();

  /**
   * @param {HTMLElement} list
   * @param {{toggle: (suggestion: object) => void, open: (suggestion: object) => void, close: () => void,
   *   fill: (place: HTMLElement, suggestion: object) => void}} options `fill` is given an opened row's empty place.
   */
  constructor(list, options) {
    this.list = list;
    this.options = options;
    list.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show other suggestions. */
  show(suggestions) {
    this.#rows.clear();
    const rows = suggestions.map((suggestion, place) => this.#row(suggestion, place));
    this.list.replaceChildren(...rows);
  }

  /** Make boxes and opened rows agree with the state. */
  sync({ chosen, open }) {
    for (const [id, row] of this.#rows) {
      const isChosen = chosen.some((one) => same(one.id, id));
      const instead = chosen.find((one) => same(one.insteadOf, id));
      const isOpen = open?.place === "suggestions" && same(open.id, id);
      row.box.checked = isChosen;
      row.item.classList.toggle("chosen", isChosen);
      row.item.classList.toggle("opened", isOpen);
      row.note.replaceChildren(...(instead && !isChosen ? ["swapped for ", foreign(instead.label)] : []));
      row.button.setAttribute("aria-expanded", String(isOpen));
      if (isOpen && row.place.hidden) this.options.fill(row.place, row.suggestion);
      if (!isOpen) row.place.replaceChildren();
      row.place.hidden = !isOpen;
    }
  }

  /** Fill an opened row again. */
  refill() {
    for (const { place, suggestion } of this.#rows.values()) if (!place.hidden) this.options.fill(place, suggestion);
  }

  #row(suggestion, place) {
    const id = `suggestion-${place}`;
    const box = el("input", { type: "checkbox", id: `${id}-box`, "aria-label": `Choose ${plain(suggestion.label)}` });
    box.addEventListener("change", () => this.options.toggle(suggestion));
    const button = el(
      "button",
      { type: "button", class: "name", "aria-expanded": "false", "aria-controls": `${id}-place` },
      foreign(suggestion.label),
      markOf(suggestion),
    );
    button.addEventListener("click", () => this.options.open(suggestion));
    const bar = el("span", { class: "meter", "aria-hidden": "true" }, el("span", { class: "level" }));
    bar.firstChild.style.setProperty("--share", suggestion.probability);
    const note = el("span", { class: "note" });
    const content = el("div", { class: "place", id: `${id}-place`, hidden: true });
    const unit = el("span", { class: "unseen" }, "probability ");
    const number = el("span", { class: "number" }, unit, percent(suggestion.probability));
    const line = el("div", { class: "line" }, box, button, bar, number);
    const item = el("li", { class: "suggestion" }, line, note, content);
    item.classList.toggle("accepted", isTaken(suggestion));
    this.#rows.set(suggestion.id, { suggestion, item, box, button, note, place: content });
    return item;
  }

  #key(event) {
    const rows = [...this.#rows.values()];
    const here = rows.findIndex(({ box, button }) => event.target === box || event.target === button);
    if (event.key === "Escape" && !event.defaultPrevented) {
      const opened = rows.find(({ place }) => !place.hidden);
      this.options.close();
      opened?.button.focus();
      return;
    }
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const onBox = event.target === rows[here].box;
    const to = (place) => {
      const row = rows[Math.max(0, Math.min(rows.length - 1, place))];
      (onBox ? row.box : row.button).focus();
    };
    if (event.key === "ArrowDown") to(here + 1);
    else if (event.key === "ArrowUp") to(here - 1);
    else if (event.key === "Home") to(0);
    else if (event.key === "End") to(rows.length - 1);
    else if (event.key === "ArrowRight" && onBox) rows[here].button.focus();
    else if (event.key === "ArrowLeft" && !onBox) rows[here].box.focus();
    else return;
    event.preventDefault();
  }
}

function markOf(suggestion) {
  if (suggestion.deprecated) return el("span", { class: "old" }, "deprecated");
  return suggestion.selected ? el("span", { class: "accept" }, "accept") : null;
}

/** What is to be said of all of them, and of a text that says little or has been changed since it was read. */
export function noteOf({ answer, asked, editing, title, abstract, model }) {
  if (model !== null && model !== answer.model) {
    return `These are by the model “${plain(answer.model)}”. Suggest again for those of “${plain(model)}”.`;
  }
  if (editing && (title !== asked.title || abstract !== asked.abstract)) {
    return "These are for your text as it was before you changed it. Suggest again for what it is now.";
  }
  const found = answer.suggestions;
  if (found.some((one) => one.from_prior)) {
    return "The text says nothing that the model knows; these are the most frequent concepts.";
  }
  const accepted = found.filter(isTaken).length;
  const words = `${asked.title} ${asked.abstract}`.split(/\s+/).filter(Boolean).length;
  const isShort = words < SHORT ? " So short a text says little: check each, or give the abstract, too." : "";
  return `The model’s rule accepts ${accepted} of ${found.length}. Open one to see why.${isShort}`;
}
