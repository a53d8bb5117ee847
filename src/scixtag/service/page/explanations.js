// Explanations take longer than suggestions, and are asked for when somebody wants one.

import { ask } from "./api.js";
import { same, whole } from "./dom.js";

/** The explained answer to what was asked last. */
export class Explanations {
  #key = null;
  #promise = null;
  #answer = null;

  /** Forget what was asked before. */
  forget() {
    this.#key = null;
  }

  /** The answer with explanations, if it is there already. */
  known(state) {
    return this.#key === keyOf(state) ? this.#answer : null;
  }

  /**
   * The answer with explanations.
   *
   * @param {{asked: {title: string, abstract: string}, answer: {model: string}}} state
   * @param {number} limit As it was for the answer without explanations.
   * @throws {Problem}
   */
  get(state, limit) {
    const key = keyOf(state);
    if (this.#key === key) return this.#promise;
    const { title, abstract } = state.asked;
    const body = { title: whole(title), abstract: whole(abstract), limit, model: state.answer.model, explain: true };
    const promise = ask("/v1/suggest", { body });
    this.#key = key;
    this.#promise = promise;
    this.#answer = null;
    promise.then(
      (answer) => {
        if (this.#promise === promise) this.#answer = answer;
      },
      () => {
        if (this.#promise === promise) this.#key = null;
      },
    );
    return promise;
  }
}

/** What an answer says of a concept; null if it says nothing. */
export function explanationOf(answer, id) {
  return answer.suggestions.find((one) => same(one.id, id))?.explanation ?? null;
}

function keyOf({ asked, answer }) {
  return JSON.stringify([asked, answer.model]);
}
