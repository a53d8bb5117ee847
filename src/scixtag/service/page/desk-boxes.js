// The boxes over the desk: one to swap a concept, one to write a note.

import { conceptSearch } from "./concept-search.js";
import { byId, el, foreign, plain } from "./dom.js";
import { keep, kept } from "./tab.js";

const DRAFT = "scixtag-desk-note";

/** Finds what to take instead of a concept: by name, or among what is near it. */
export class SwapBox {
  #standing = null;

  /**
   * @param {{near: Function, standing: Function, swap: Function, say: Function}} told `near` gives what is around a
   *   concept, `standing` what one of the search is on this paper.
   */
  constructor(told) {
    this.told = told;
    conceptSearch(byId("swap-search"), { choose: (other) => this.#take(other), standing: told.standing });
  }

  /** Open it for a concept of the paper. */
  async open(standing) {
    this.#standing = standing;
    byId("swap-head").replaceChildren("Swap ", foreign(standing.label), " for …");
    byId("swap-near").replaceChildren(el("p", { class: "hint" }, "Looking it up …"));
    byId("swap-search").value = "";
    byId("swap-box").showModal();
    byId("swap-search").focus();
    let near;
    try {
      near = await this.told.near(standing, (other) => this.#take(other));
    } catch (error) {
      near = el("p", { class: "hint" }, plain(error.message));
    }
    if (this.#standing !== standing) return;
    // What can be taken comes first: who opens the box knows, as a rule, what the concept means.
    near.prepend(...near.querySelectorAll(".warning, .swaps"));
    byId("swap-near").replaceChildren(near);
  }

  #take(other) {
    if (other.uri === this.#standing.uri) {
      this.told.say("That is the same concept.");
      return;
    }
    byId("swap-box").close();
    this.told.swap(this.#standing, other);
  }
}

/** Writes a note; what is not saved yet stays in this tab. */
export class NoteBox {
  #paper = null;

  /** @param {{note: (text: string) => boolean}} told Whether a note was taken. */
  constructor(told) {
    this.told = told;
    const field = byId("note");
    byId("note-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    field.addEventListener("input", () => keepDraft(this.#paper, field.value));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#save();
    });
    byId("note-close").addEventListener("click", () => byId("note-box").close());
  }

  /** Open it for a paper. */
  open(paper) {
    this.#paper = paper;
    byId("note").value = draftOf(paper);
    byId("note-box").showModal();
    byId("note").focus();
  }

  #save() {
    const text = byId("note").value.trim();
    if (text && this.told.note(text.toWellFormed?.() ?? text)) {
      keepDraft(this.#paper, "");
      byId("note-box").close();
    } else {
      byId("note").focus();
    }
  }
}

function draftOf(paper) {
  try {
    const draft = JSON.parse(kept(DRAFT) ?? "{}");
    return draft.paper === paper ? draft.text : "";
  } catch {
    return ""; // not ours
  }
}

function keepDraft(paper, text) {
  keep(DRAFT, JSON.stringify({ paper, text }));
}
