// What went wrong, in one place of the page, until it goes well or is forgotten.

import { Problem, ask } from "./api.js";
import { el, plain } from "./dom.js";

const [SOON, LATE] = [3, 60]; // seconds

/**
 * Errors by what was tried, with a button that tries all of it again.
 *
 * While the service does not answer it is asked how it is. Once it answers, what the page itself had asked for is tried
 * again, and what somebody had asked for is theirs to try: they may be in the middle of a word.
 */
export class Trouble {
  #all = new Map();
  #watch = null;
  #pause = SOON;
  #tried = new Set(); // again, and nobody knows yet how it went

  /**
   * @param {HTMLElement} region With `role="alert"`.
   * @param {{kept: string, say: (...parts: (Node|string)[]) => void, leave: () => void, wishes: string[]}} options
   *   `kept` is said where the service does not answer; `leave` takes the focus when the button goes; `wishes` are what
   *   somebody has asked for, by key.
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
    if (this.#isPassing(key, error)) this.#look();
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
      this.region.dataset.told = "";
      return;
    }
    const told = [...new Set(errors.map((error) => plain(error.message)))];
    if (errors.some((error) => error.gone)) told.push(this.options.kept);
    if (this.region.dataset.told === told.join(" ")) return; // nothing new to be read out
    this.region.dataset.told = told.join(" ");
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

  /** See, after a while, whether the service is back. */
  #look() {
    this.#watch ??= setTimeout(async () => {
      const isBack = await ask("/healthz", { seconds: SOON }).then(
        () => true,
        () => false,
      );
      this.#watch = null;
      this.#pause = Math.min(LATE, this.#pause * 2);
      const missed = [...this.#all].filter(([key, { error }]) => this.#isPassing(key, error));
      if (missed.length === 0) this.#pause = SOON;
      else if (isBack) this.#back(missed);
      else this.#look();
    }, this.#pause * 1000);
  }

  /** Whether it may be over when the service answers; of a wish, what it says of itself stays. */
  #isPassing(key, error) {
    return error.gone || (!this.#isWish(key) && (error.status === 429 || error.status >= 500));
  }

  #isWish(key) {
    return this.options.wishes.includes(key);
  }

  #back(missed) {
    for (const [key, { again }] of missed) {
      if (this.#isWish(key)) this.#all.set(key, { error: new Error("The service answers again."), again });
      else again();
    }
    this.#show();
  }
}
