// Chosen concepts as text to paste: a tab for each form, a preview, the clipboard.

import { Latest, Problem, ask, isAbort } from "./api.js";
import { el, isTouched, plain } from "./dom.js";

/** Forms, preview and clipboard. */
export class Copy {
  #latest = new Latest();
  #wanted = "";
  #known = new Map();
  #forms = [];
  #why = ""; // there is nothing to copy

  /**
   * @param {{tabs: HTMLElement, panel: HTMLElement, preview: HTMLElement, note: HTMLElement}} parts
   * @param {{choose: (form: string) => void, say: (...parts: (Node|string)[]) => void,
   *   fine: () => void, failed: (error: Error) => void}} options
   */
  constructor(parts, options) {
    this.parts = parts;
    this.options = options;
    parts.tabs.addEventListener("keydown", (event) => this.#key(event));
  }

  /** What can be chosen: {name, title} of GET /v1/keywords. */
  show(forms) {
    this.#forms = forms;
    const tabs = forms.map(({ name, title }) =>
      el(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${name}`,
          "aria-controls": this.parts.panel.id,
          on: { click: () => this.options.choose(name) },
        },
        title,
      ),
    );
    this.parts.tabs.replaceChildren(...tabs);
  }

  /** The name of a form for people. */
  titleOf(form) {
    return this.#forms.find(({ name }) => name === form)?.title ?? form;
  }

  /** Make tabs and preview agree with the state. */
  async sync({ chosen, form, answer }) {
    for (const tab of this.parts.tabs.children) {
      const isChosen = tab.id === `tab-${form}`;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) this.parts.panel.setAttribute("aria-labelledby", tab.id);
    }
    if (chosen.length === 0) {
      this.#wanted = "";
      this.#latest.stop();
      this.#preview("Nothing to copy yet.", "empty");
      return;
    }
    const body = { concepts: chosen.map(({ id }) => id), form, model: answer.model };
    const key = JSON.stringify(body);
    if (key === this.#wanted && this.#known.has(key)) return;
    this.#wanted = key;
    try {
      const text = await this.#text(key, body);
      if (key === this.#wanted) this.#preview(text, "");
    } catch (error) {
      if (isAbort(error) || key !== this.#wanted) return;
      // The service takes whatever the answer of its own model has named.
      const isOld = error.kind === "unknown-concept";
      this.#why = isOld ? "The model has been replaced by one of another vocabulary: suggest again." : plain(error.message);
      this.#preview(this.#why, "failed");
      this.#wanted = "";
      this.options.failed(isOld ? new Problem(this.#why, error.status, error.kind) : error);
    }
  }

  /** Copy what the state says, or select it where the clipboard cannot be had. */
  async copy(state) {
    await this.sync(state);
    const text = this.#known.get(this.#wanted);
    if (text === undefined) {
      if (state.chosen.length === 0) this.#missed("nothing is chosen yet.", "Choose a keyword first.");
      else this.#missed(this.#why || "the choice has changed meanwhile.", "Your keywords are kept; try again.");
      return false;
    }
    this.parts.note.textContent = "";
    const title = this.titleOf(state.form);
    try {
      await navigator.clipboard.writeText(text);
      this.options.say(`Copied as ${title}. Paste it into your manuscript.`);
    } catch {
      this.#select();
      const how = isTouched() ? "touch it to copy" : "press Ctrl+C (⌘C on a Mac)";
      this.options.say(`Your browser does not let the page copy. The text is selected: ${how}.`);
    }
    return true;
  }

  /** Say that nothing was copied, in words and at the button: what is pasted now would be something older. */
  #missed(why, advice) {
    const told = `Nothing was copied: ${why[0].toLowerCase()}${why.slice(1)} The clipboard is as it was. ${advice}`;
    this.parts.note.textContent = told;
    this.options.say(told);
  }

  async #text(key, body) {
    if (!this.#known.has(key)) {
      const told = await this.#latest.run((signal) => ask("/v1/keywords", { body, signal }));
      this.#known.set(key, told.text);
    }
    this.#why = "";
    this.options.fine();
    return this.#known.get(key);
  }

  #preview(text, state) {
    this.parts.preview.textContent = text;
    this.parts.preview.dataset.state = state;
    if (state === "") this.parts.note.textContent = "";
  }

  #select() {
    this.parts.preview.focus();
    getSelection().selectAllChildren(this.parts.preview);
  }

  #key(event) {
    const names = this.#forms.map(({ name }) => name);
    const here = names.findIndex((name) => `tab-${name}` === event.target.id);
    const [before, after] = [here - 1, here + 1];
    const moves = { ArrowRight: after, ArrowDown: after, ArrowLeft: before, ArrowUp: before, Home: 0, End: -1 };
    if (here < 0 || !(event.key in moves)) return;
    event.preventDefault();
    const name = names.at(moves[event.key] % names.length);
    this.options.choose(name);
    this.parts.tabs.querySelector(`#tab-${CSS.escape(name)}`).focus();
  }
}
