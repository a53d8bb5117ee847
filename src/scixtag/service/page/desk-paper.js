// A paper on the desk: its text, its concepts, what can be done with them.

import { ask } from "./api.js";
import { Concepts, conceptView, explanationView } from "./concept.js";
import { byId, counted, el, foreign, plain } from "./dom.js";
import { Reading } from "./reading.js";
import { ConceptGrid } from "./desk-concepts.js";
import { showHistory } from "./desk-history.js";
import { deed, moment, textOf, wish } from "./desk-words.js";

const LIMIT = 30;
const KEPT = 50; // papers whose evidence is kept

/** Shows one paper with what is on its way to the database. */
export class PaperView {
  #explained = new Map();
  #concepts = new Concepts();
  #models = null;
  #asking = null;

  /**
   * @param {{outbox: import("./desk-outbox.js").Outbox, me: () => string|null, decides: () => boolean, judge: Function,
   *   swap: Function, undo: (event: object) => void}} told
   */
  constructor(told) {
    this.told = told;
    this.paper = null;
    this.reading = new Reading({ title: byId("reading-title"), abstract: byId("reading-abstract"), legend: byId("legend") });
    this.grid = new ConceptGrid(byId("standings"), {
      chosen: () => this.#showDetail(),
      decide: (action, uri) => this.told.judge(action, this.standing(uri)),
    });
  }

  /** Put a paper on the desk, or the same one as it is now; an answer that was overtaken changes nothing. */
  show(paper) {
    const isOther = paper.id !== this.paper?.id;
    if (!isOther && paper.seq < this.paper.seq) return;
    this.paper = paper;
    if (isOther) {
      this.grid.clear();
      this.reading.plain(paper);
      byId("evidence-note").hidden = true;
      byId("history-box").open = false;
    }
    this.sync();
    this.#explain(paper);
  }

  /** Make all that is shown agree with the paper and with what is on its way. */
  sync() {
    const { paper } = this;
    if (!paper) return;
    byId("paper-id").replaceChildren(foreign(paper.id), " · ", foreign(paper.source), " · ", moment(paper.imported_at));
    byId("paper-state").replaceChildren(...stateOf(paper));
    this.grid.show(this.standings());
    const labels = paper.standings.filter(({ counts }) => counts).length;
    byId("labels").textContent = `${counted(labels, "label")} as things stand`;
    byId("history-count").textContent = paper.events.length.toLocaleString("en");
    showHistory(byId("history"), paper.events, { me: this.told.me(), undo: this.told.undo });
    this.#showNotes();
    this.#showDetail();
  }

  /** The concepts with what is on its way; what is to be added comes last. */
  standings() {
    const sent = this.told.outbox.of(this.paper.id);
    const all = this.paper.standings.map((standing) => ({ ...standing, pending: null }));
    // What waits behind one that could not be saved is not saved either.
    const isStuck = sent.some(({ state }) => state === "unsaved");
    for (const one of sent) {
      const { concept, other, undoes } = one.decision;
      const names = [[concept, one.names.concept], [other, one.names.other]];
      const undone = this.paper.events.find(({ seq }) => seq === undoes)?.concept?.uri;
      names.push([undone ?? sent.find(({ key }) => key === undoes)?.decision.concept, null]);
      for (const [uri, label] of names) {
        if (!uri) continue;
        const { action } = one.decision;
        const state = isStuck ? "unsaved" : one.state;
        const pending = { action, state, told: state === "held" ? "held back" : "saving…", words: wish(one) };
        const there = all.find((standing) => standing.uri === uri);
        if (there) there.pending = pending;
        else if (label) all.push({ ...UNSAVED, uri, label, pending });
      }
    }
    return all;
  }

  /** The concept with a URI as it stands; null if there is none. */
  standing(uri) {
    return this.standings().find((one) => one.uri === uri) ?? null;
  }

  /** The concept that keys act on. */
  get current() {
    return this.grid.current === null ? null : this.standing(this.grid.current);
  }

  /** What is around a concept, to swap it for; @throws {Problem} */
  async near(standing, take) {
    return conceptView(await this.#concepts.get(standing.id, null), take);
  }

  /** One's last decision that is not undone: an event, or one on its way. */
  lastOwn() {
    const sent = this.told.outbox.of(this.paper.id);
    const undone = new Set(sent.map(({ decision }) => decision.undoes));
    const unsent = sent.filter(({ key, decision }) => decision.action !== "undo" && !undone.has(key)).at(-1);
    if (unsent) return { undoes: unsent.key, words: textOf(wish(unsent)) };
    const own = this.paper.events.filter(({ who, action }) => who === this.told.me() && action !== "undo");
    const event = own.filter((one) => !one.undone && !undone.has(one.seq)).at(-1);
    return event ? this.undoing(event) : null;
  }

  /** How to undo an event. */
  undoing(event) {
    return { undoes: event.seq, words: textOf(deed(event, this.paper.events)) };
  }

  #showNotes() {
    const notes = this.paper.events.filter(({ action, undone }) => action === "note" && !undone);
    byId("notes").replaceChildren(
      ...notes.map(({ who, at, text }) =>
        el("li", { class: "remark" }, el("p", { dir: "auto" }, foreign(text)), el("p", { class: "hint" }, foreign(who), ", ", moment(at))),
      ),
    );
  }

  #showDetail() {
    const standing = this.current;
    this.#showEvidence(standing);
    const key = standing && JSON.stringify([this.paper.id, standing.uri, this.#explained.has(this.paper.id)]);
    if (key === this.shown) return;
    this.shown = key;
    byId("detail-head").replaceChildren(standing ? foreign(standing.label) : "No concept");
    const why = el("div", { class: "why" });
    const what = el("div", { class: "what" });
    byId("detail-body").replaceChildren(why, what);
    if (!standing) return;
    const explanation = this.#explanationOf(standing);
    if (explanation) why.append(explanationView(explanation, (evidence) => this.reading.reveal(evidence)));
    this.#fillWhat(what, standing, key);
  }

  async #fillWhat(what, standing, key) {
    if (standing.id === null) {
      what.replaceChildren(el("p", { class: "hint" }, "It is not saved yet."));
      return;
    }
    const take = this.told.decides() ? (other) => this.told.swap(standing, other) : null;
    try {
      const concept = this.#concepts.known(standing.id, null) ?? (await this.#concepts.get(standing.id, null));
      if (this.shown === key) what.replaceChildren(conceptView(concept, take));
    } catch (error) {
      if (this.shown !== key) return;
      this.shown = null;
      const isGone = error.status === 404;
      what.replaceChildren(el("p", { class: "hint" }, isGone ? "The vocabulary that is served has no such concept." : plain(error.message)));
    }
  }

  #showEvidence(standing) {
    const answer = this.#explained.get(this.paper.id);
    const state = JSON.stringify([this.paper.id, standing?.uri ?? null, Boolean(answer)]);
    if (state === this.marked) return;
    this.marked = state;
    const explanation = this.#explanationOf(standing);
    if (answer && explanation) this.reading.evidence(answer.text, standing.label, explanation);
    else this.reading.plain(this.paper);
  }

  #explanationOf(standing) {
    const found = this.#explained.get(this.paper.id)?.suggestions.find(({ uri }) => uri === standing?.uri);
    return found?.explanation ?? null;
  }

  async #explain(paper) {
    if (this.#explained.has(paper.id) || this.#asking === paper.id) return;
    this.#asking = paper.id;
    const note = byId("evidence-note");
    try {
      this.#models ??= (await ask("/v1/models")).models.map(({ name }) => name);
      const model = this.#models.includes(paper.model) ? paper.model : null;
      const body = { title: paper.title, abstract: paper.abstract, limit: LIMIT, explain: true, model };
      const answer = await ask("/v1/suggest", { body });
      this.#explained.set(paper.id, answer);
      if (this.#explained.size > KEPT) this.#explained.delete(this.#explained.keys().next().value);
      if (this.paper?.id !== paper.id) return; // another lies there by now, or nobody sits here
      note.hidden = model !== null;
      note.replaceChildren("Evidence by ", foreign(answer.model), "; suggested by ", foreign(paper.model || "nobody"), ".");
      this.#showDetail();
    } catch (error) {
      if (this.paper?.id !== paper.id) return;
      note.hidden = false;
      note.replaceChildren(`No evidence: ${plain(error.message)}`);
    } finally {
      if (this.#asking === paper.id) this.#asking = null;
    }
  }
}

/** Of a concept that is not saved yet. */
const UNSAVED = { id: null, status: "suggested", counts: false, probability: null, selected: false, deprecated: false, who: null, at: null, other: null };

function stateOf(paper) {
  if (paper.progress === "open") return [];
  const names = paper.progress === "done" ? paper.done_by : [];
  const who = names.flatMap((name, at) => [at ? ", " : " by ", foreign(name)]);
  return [el("span", { class: `badge ${paper.progress}` }, paper.progress, who)];
}
