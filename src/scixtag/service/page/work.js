// What an author has done, kept in this tab: a reload loses nothing, and each step can be undone.

import { Past } from "./past.js";
import { keep, kept } from "./tab.js";

const KEY = "scixtag-page";
const VERSION = 1;
const UNDONE = ["title", "abstract", "answer", "asked", "chosen", "refused", "editing"];

/** Of a page that was just opened. */
const EMPTY = {
  version: VERSION,
  title: "",
  abstract: "",
  model: null, // a name; null: the default one
  editing: true, // the form is open, rather than the text to read
  asked: null, // the text that the answer is about
  answer: null, // of /v1/suggest, without explanations
  chosen: [], // {id, uri, label, deprecated, by: "model" | "you", insteadOf: id | null}
  refused: [], // ids that were chosen by the model's rule, but not by the author
  form: "aastex7",
  open: null, // {place: "suggestions" | "chosen", id}
};

/** The state, whoever listens to it, and its past. */
export class Work {
  #past = new Past(`${KEY}-past`);
  #listeners = [];

  constructor() {
    this.state = { ...EMPTY, ...keptState() };
  }

  /** Call back with (state, state before) after each change. */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Change something that needs no way back, such as what is open. */
  set(patch) {
    const before = this.state;
    this.state = { ...before, ...patch };
    keep(KEY, JSON.stringify(this.state));
    for (const listener of this.#listeners) listener(this.state, before);
  }

  /** Change something that can be undone. */
  change(patch) {
    this.#past.push(Object.fromEntries(UNDONE.map((name) => [name, this.state[name]])));
    this.set(patch);
  }

  /** Whether there is a way back. */
  get undoable() {
    return this.#past.length > 0;
  }

  /** Go one step back. */
  undo() {
    const past = this.#past.pop();
    if (past) this.set(past);
    return Boolean(past);
  }

  /** Begin with another paper; the form of the keywords and the model stay. */
  clear() {
    const { form, model } = this.state;
    this.change({ ...EMPTY, form, model });
  }
}

function keptState() {
  try {
    const state = JSON.parse(kept(KEY) ?? "{}");
    return state.version === VERSION ? state : {};
  } catch {
    return {}; // not ours
  }
}
