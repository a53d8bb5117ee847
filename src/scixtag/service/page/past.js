// The steps that can be undone, kept in this tab: a reload takes none of them away.

import { forget, keep, kept } from "./tab.js";

const DEPTH = 50;

/** What was, before each step: the fields that it changed. The last step is on top. */
export class Past {
  #steps;

  /** @param {string} name Under which the steps are kept. */
  constructor(name) {
    this.name = name;
    this.#steps = stepsFrom(kept(name));
  }

  /** How many steps there are. */
  get length() {
    return this.#steps.length;
  }

  /** One more. */
  push(step) {
    this.#steps.push(step);
    if (this.#steps.length > DEPTH) this.#steps.shift();
    this.#keep();
  }

  /** None any more. */
  clear() {
    this.#steps = [];
    this.#keep();
  }

  /** The last step, which is taken away; undefined if there is none. */
  pop() {
    const step = this.#steps.pop();
    this.#keep();
    return step;
  }

  /** Where there is no room for all, the latest ones are kept. */
  #keep() {
    for (let steps = this.#steps; steps.length; steps = steps.slice(Math.ceil(steps.length / 2))) {
      if (keep(this.name, textOf(steps))) return;
    }
    forget(this.name);
  }
}

/** Steps share texts and answers, each of which is written once. */
function textOf(steps) {
  const places = new Map();
  const placeOf = (value) => {
    if (!places.has(value)) places.set(value, places.size);
    return places.get(value);
  };
  const written = steps.map((step) => Object.fromEntries(Object.entries(step).map(([key, value]) => [key, placeOf(value)])));
  return JSON.stringify({ values: [...places.keys()], steps: written });
}

function stepsFrom(text) {
  try {
    const { values, steps } = JSON.parse(text);
    return steps.map((step) => Object.fromEntries(Object.entries(step).map(([key, place]) => [key, values[place]])));
  } catch {
    return []; // nothing, or not ours
  }
}
