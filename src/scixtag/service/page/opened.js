// What a concept is, and why it was suggested, in the place that somebody has opened for it.

import { Concepts, conceptView, explanationView } from "./concept.js";
import { el, plain, same } from "./dom.js";
import { Explanations, explanationOf } from "./explanations.js";

/** Fills opened places, and marks the evidence in the paper. */
export class Opened {
  #concepts = new Concepts();
  #explanations = new Explanations();

  /**
   * @param {{work: import("./work.js").Work, reading: import("./reading.js").Reading,
   *   trouble: import("./trouble.js").Trouble, limit: number}} parts `limit`: of the suggestions that were asked for.
   * @param {{swap: (old: object, next: object) => void, refill: () => void}} told `refill` fills what is open again.
   */
  constructor(parts, told) {
    this.parts = parts;
    this.told = told;
  }

  /** What was asked before is of no interest any more. */
  forget() {
    this.#explanations.forget();
  }

  /** Put what is known of a concept into an opened place; the rest when it comes. */
  fill(place, one) {
    const { answer } = this.parts.work.state;
    const why = el("div", { class: "why" });
    const what = el("div", { class: "what" });
    place.replaceChildren(why, what);
    if (answer.suggestions.some(({ id }) => same(id, one.id))) this.#fillWhy(why, one);
    this.#fillWhat(what, one, answer.model);
  }

  /** Mark what speaks for a suggestion, if it is still open when that is known. */
  async mark(id) {
    const { work, reading, limit } = this.parts;
    const one = work.state.answer.suggestions.find((suggestion) => same(suggestion.id, id));
    if (!one) return;
    try {
      const answer = await this.#explanations.get(work.state, limit);
      const now = work.state.open;
      const explanation = explanationOf(answer, id);
      if (explanation && now && same(now.id, id)) reading.evidence(answer.text, one.label, explanation);
    } catch {
      // Told where the explanation was to stand.
    }
  }

  #fillWhat(what, one, model) {
    const show = (concept) => {
      this.parts.trouble.fine("concept");
      what.replaceChildren(conceptView(concept, (next) => this.told.swap(one, next)));
    };
    const known = this.#concepts.known(one.id, model);
    if (known) {
      show(known);
      return;
    }
    what.replaceChildren(el("p", { class: "hint" }, "Looking it up …"));
    this.#concepts.get(one.id, model).then(show, (error) => this.#failed("concept", what, error));
  }

  #fillWhy(why, one) {
    const { work, reading, trouble, limit } = this.parts;
    const show = (answer) => {
      trouble.fine("explanation");
      const explanation = explanationOf(answer, one.id);
      const view = explanation
        ? explanationView(explanation, (evidence) => reading.reveal(evidence))
        : el("p", { class: "hint" }, "The model that was asked why says nothing of it: it has been replaced since. Suggest again.");
      why.replaceChildren(view);
    };
    const known = this.#explanations.known(work.state);
    if (known) {
      show(known);
      return;
    }
    why.replaceChildren(el("p", { class: "hint" }, "Looking why …"));
    this.#explanations.get(work.state, limit).then(show, (error) => this.#failed("explanation", why, error));
  }

  #failed(key, place, error) {
    place.replaceChildren(el("p", { class: "warning" }, plain(error.message)));
    this.parts.trouble.failed(key, error, this.told.refill);
  }
}
