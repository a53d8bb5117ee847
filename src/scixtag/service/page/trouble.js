// What went wrong, in one place of the page, until it goes well or is forgotten.

import { Problem } from "./api.js";
import { el, plain } from "./dom.js";

/** Errors by what was tried, with a button that tries all of it again. */
export class Trouble {
  #all = new Map();
  #tried = new Set(); // again, and nobody knows yet how it went

  /**
   * @param {HTMLElement} region With `role="alert"`.
   * @param {{kept: string, say: (...parts: (Node|string)[]) => void, leave: () => void}} options `kept` is said where
   *   the service does not answer; `leave` takes the focus when the button goes.
   */
  constructor(region, options) {
    this.region = region;
    this.options = options;
  }

  /** Something failed; what is no answer of the service is an error of ours. */
  failed(key, error, again) {
    if (!(error instanceof Problem)) throw error;
    this.#all.set(key, { error, again });
    if (this.#tried.size) this.options.say("It failed again.");
    this.#tried.clear();
    this.#show();
  }

  /** It goes well now. */
  fine(key) {
    this.forget(key);
    if (this.#tried.delete(key) && this.#tried.size === 0) this.options.say("It works again.");
  }

  /** Of no interest any more. */
  forget(...keys) {
    for (const key of keys) this.#all.delete(key);
    this.#show();
  }

  #show() {
    const errors = [...this.#all.values()].map(({ error }) => error);
    if (errors.length === 0) {
      if (this.region.contains(document.activeElement)) this.options.leave();
      this.region.replaceChildren();
      return;
    }
    const told = [...new Set(errors.map((error) => plain(error.message)))];
    if (errors.some((error) => error.gone)) told.push(this.options.kept);
    const hadFocus = this.region.contains(document.activeElement);
    const button = el("button", { type: "button", class: "quiet", on: { click: () => this.#again() } }, "Try again");
    this.region.replaceChildren(el("div", { class: "trouble" }, el("p", {}, told.join(" ")), button));
    if (hadFocus) button.focus();
  }

  #again() {
    const all = [...this.#all];
    this.#all.clear();
    this.#tried = new Set(all.map(([key]) => key));
    this.options.say("Trying again …");
    for (const [, { again }] of all) again();
  }
}
