// What an author has done, kept in this tab: a reload loses nothing, and each step can be undone.

import { Past } from "./past.js";
import { keep, kept } from "./tab.js";

const KEY = "scixtag-page";
const VERSION = 1;
const PASSING = ["open"]; // looked at, not made

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
  #future = new Past(`${KEY}-future`);
  #typing = null; // the field that the last step has typed into
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
    this.#typing = null;
    this.#future.clear();
    this.#past.push(this.#like(patch));
    this.set(patch);
  }

  /** Type into a field: all that is typed at a stretch is one step. */
  type(field, text) {
    if (this.#typing === field) this.set({ [field]: text });
    else this.change({ [field]: text });
    this.#typing = field;
  }

  /** Whether there is a way back. */
  get undoable() {
    return this.#past.length > 0;
  }

  /** Whether there is something to do again. */
  get redoable() {
    return this.#future.length > 0;
  }

  /** Go one step back; whether there was one. */
  undo() {
    return this.#step(this.#past, this.#future);
  }

  /** Take back what was undone last; whether anything was. */
  redo() {
    return this.#step(this.#future, this.#past);
  }

  /** Begin with another paper, if there is one; the form of the keywords and the model stay. */
  begin(paper = {}) {
    const { form, model } = this.state;
    this.change({ ...EMPTY, form, model, ...paper });
  }

  #step(from, to) {
    const step = from.pop();
    if (!step) return false;
    this.#typing = null;
    to.push(this.#like(step));
    this.set(step);
    return true;
  }

  /** What the state has where a patch changes it. */
  #like(patch) {
    const names = Object.keys(patch).filter((name) => !PASSING.includes(name));
    return Object.fromEntries(names.map((name) => [name, this.state[name]]));
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
