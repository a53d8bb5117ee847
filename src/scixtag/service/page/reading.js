// The paper to read, with the evidence for the open concept.

import { foreign, visible } from "./dom.js";
import { marked, spansIn, withOdd } from "./highlight.js";

/** Shows a title and an abstract. */
export class Reading {
  /** @param {{title: HTMLElement, abstract: HTMLElement, legend: HTMLElement}} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** The text as it was given. */
  plain({ title, abstract }) {
    this.given = { title, abstract };
    this.parts.title.replaceChildren(...visible(title));
    this.parts.abstract.replaceChildren(...visible(abstract));
    this.parts.legend.hidden = true;
  }

  /** The text as the model read it, with what speaks for a concept; odd characters stand where they were given. */
  evidence(text, label, explanation) {
    for (const field of ["title", "abstract"]) {
      const shown = withOdd(text[field], this.given[field] ?? "");
      this.parts[field].replaceChildren(...marked(shown, spansIn(field, explanation)));
    }
    const evidence = explanation?.evidence ?? [];
    const told = [evidence.length ? "Marked: what speaks for " : "No single word speaks for ", foreign(label), "."];
    if (evidence.some(({ source }) => source === "name")) told.push(" Underlined: a name of it.");
    this.parts.legend.replaceChildren(...told);
    this.parts.legend.hidden = false;
  }

  /** Bring words into view. */
  reveal({ spans }) {
    const first = spans[0];
    const marks = [...this.parts[first.field].querySelectorAll("mark")];
    let place = 0;
    const walker = document.createTreeWalker(this.parts[first.field], NodeFilter.SHOW_TEXT);
    const found = new Set();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const mark = node.parentElement.closest("mark");
      const odd = node.parentElement.classList.contains("odd");
      const length = odd ? 0 : Array.from(node.data).length;
      const isInside = spans.some((span) => span.field === first.field && span.start <= place && place < span.end);
      if (mark && isInside) found.add(mark);
      place += length;
    }
    for (const mark of this.parts.title.parentElement.querySelectorAll("mark.shown")) mark.classList.remove("shown");
    for (const mark of found) mark.classList.add("shown");
    ([...found][0] ?? marks[0])?.scrollIntoView({ block: "center" });
  }
}
