// From a text, or a bibcode, to suggestions.

import { Latest, ask, isAbort } from "./api.js";
import { answered } from "./choice.js";
import { byId, counted, foreign, whole } from "./dom.js";
import { bibcodeIn, isOther, otherName } from "./pasted.js";

export const LIMIT = 20;
const NARROW = matchMedia("(max-width: 46rem)"); // where the text stands above the suggestions; as in style.css

/** Asks the service for what the author wants; a new wish ends the one before. */
export class Asking {
  #latest = new Latest();
  #turn = 0;
  #fetching = false;

  /**
   * @param {{work: import("./work.js").Work, trouble: import("./trouble.js").Trouble,
   *   say: (...parts: (Node|string)[]) => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
  }

  /** What is under way is no longer wanted. */
  stop() {
    this.#latest.stop();
    this.#fetching = false;
  }

  /** Somebody types: what is being fetched would take its place. */
  typed() {
    if (!this.#fetching) return;
    this.stop();
    this.parts.say("What was being fetched is no longer asked for.");
  }

  /** Suggest keywords for the text in the form, or fetch the paper whose bibcode stands there. */
  suggest() {
    const { title, abstract } = this.parts.work.state;
    if (this.#isName(title) || (!title.trim() && this.#isName(abstract, "abstract"))) return;
    this.#suggest();
  }

  async #suggest() {
    const { work, trouble } = this.parts;
    const { title, abstract, model } = work.state;
    if (!title.trim() && !abstract.trim()) {
      this.#missing("title", "Paste a title or an abstract first.");
      return;
    }
    trouble.forget("suggest", "paper", "explanation", "concept");
    const turn = (this.#turn += 1);
    this.#fetching = false;
    busy(true);
    try {
      const body = { title: whole(title), abstract: whole(abstract), limit: LIMIT, model };
      const [answer, before] = await this.#latest.run(async (signal) => {
        const found = await ask("/v1/suggest", { body, signal });
        return [found, await this.#ownIn(found, signal)];
      });
      trouble.fine("suggest");
      this.#take(answer, { title, abstract }, before);
    } catch (error) {
      if (!isAbort(error)) trouble.failed("suggest", error, () => this.suggest());
    } finally {
      if (turn === this.#turn) busy(false);
    }
  }

  /** Fetch the paper of the field for bibcodes, then suggest. */
  async fetch() {
    const { work, trouble, say } = this.parts;
    const text = byId("bibcode").value.trim();
    if (!text) {
      this.#missing("bibcode", "Type a bibcode first.");
      return;
    }
    const bibcode = bibcodeIn(text);
    const other = bibcode ? null : otherName(text);
    if (other) {
      this.#missing("bibcode", `This is ${other}, and no bibcode such as 2018ApJS..236...24F.`);
      return;
    }
    trouble.forget("suggest", "paper", "explanation", "concept");
    say("Asking SciX …");
    this.#fetching = true;
    try {
      const path = `/v1/papers/${encodeURIComponent(bibcode ?? text)}`;
      const paper = await this.#latest.run((signal) => ask(path, { signal }));
      trouble.fine("paper");
      const fetched = { title: paper.title, abstract: paper.abstract ?? "" };
      if (isOther(work.state, fetched)) work.begin(fetched);
      else work.change(fetched);
      this.#suggest(); // whatever its title looks like
    } catch (error) {
      if (isAbort(error)) return;
      this.#fetching = false;
      say("\u00a0"); // nobody is asked any more
      trouble.failed("paper", error, () => this.fetch());
    }
  }

  /** Whether a text is the name of a paper, rather than its title or abstract; then what can be done is done. */
  #isName(text, field = "title") {
    const bibcode = bibcodeIn(text);
    const other = otherName(text);
    if (bibcode) {
      byId("bibcode").value = bibcode;
      this.fetch();
    } else if (other) {
      this.#missing(field, `This is ${other}: paste title and abstract, or fetch the paper by its bibcode.`);
    }
    return Boolean(bibcode ?? other);
  }

  #missing(field, told) {
    this.parts.say(told);
    byId(field).focus();
  }

  /**
   * What the author chose, as far as the vocabulary of an answer has it, and what of it that lacks.
   *
   * @throws {Problem} Nobody knows.
   */
  async #ownIn({ model, vocabulary }, signal) {
    const { chosen, answer: before } = this.parts.work.state;
    const own = chosen.filter(({ by }) => by === "you");
    if (!before || before.vocabulary.fingerprint === vocabulary.fingerprint) return { own, lost: [] };
    const query = new URLSearchParams({ model });
    const asked = own.map(async (one) => {
      try {
        const concept = await ask(`/v1/concepts/${encodeURIComponent(one.uri ?? one.id)}?${query}`, { signal });
        return { ...one, id: concept.id, label: concept.label, deprecated: concept.deprecated };
      } catch (error) {
        if (error.kind === "unknown-concept") return null;
        throw error;
      }
    });
    const found = await Promise.all(asked);
    return { own: found.filter(Boolean), lost: own.filter((_, place) => !found[place]) };
  }

  #take(answer, asked, { own, lost }) {
    const { work, say } = this.parts;
    const patch = answered(work.state, answer, own);
    // What was typed meanwhile is neither read nor hidden.
    const editing = work.state.title !== asked.title || work.state.abstract !== asked.abstract;
    work.change({ ...patch, answer, asked, editing, open: null });
    const told = [`${counted(answer.suggestions.length, "suggestion")}, ${patch.chosen.length} chosen.`];
    if (lost.length) {
      const names = lost.flatMap(({ label }, place) => [place ? ", " : "", foreign(label)]);
      told.push(" Left out, for this model’s vocabulary has no such concept: ", ...names, ". Undo brings back what was.");
    }
    say(...told);
    if (editing) return;
    byId("suggestions-head").focus({ preventScroll: true });
    if (NARROW.matches) byId("suggestions").scrollIntoView({ block: "start" });
    else scrollTo(0, 0);
  }
}

function busy(is) {
  byId("suggest").setAttribute("aria-busy", String(is));
  byId("suggest").textContent = is ? "Reading …" : "Suggest keywords";
}
