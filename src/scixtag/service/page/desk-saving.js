// What the status line says while decisions are on their way.

import { counted } from "./dom.js";
import { wish } from "./desk-words.js";

const MOMENT = 300; // ms that a decision may take before anybody is told

/** Says that something is being saved where that takes longer than a moment. */
export class SavingNote {
  #timer = null;
  #keys = "";

  /** @param {{waiting: () => object[], say: (...parts: any[]) => void}} told `waiting`: one's decisions on their way. */
  constructor(told) {
    this.told = told;
  }

  /** Decisions have come or gone. */
  sync() {
    const before = this.#keys;
    this.#keys = this.told.waiting().map(({ key }) => key).join();
    if (this.#keys !== before) this.#timer ??= setTimeout(() => this.#tell(), MOMENT);
  }

  #tell() {
    this.#timer = null;
    const waiting = this.told.waiting();
    if (waiting.length === 0) return;
    const rest = waiting.length > 1 ? ` and ${counted(waiting.length - 1, "other decision")}` : "";
    if (waiting.some(({ state }) => state === "unsaved")) this.told.say(NOT_YET);
    else this.told.say("Saving: ", wish(waiting[0]), rest, " …");
  }
}

/** After an attempt that failed. */
export const NOT_YET = "Not saved yet; it is kept in this tab and sent again.";
