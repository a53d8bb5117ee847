// Decisions on the paper that is on the desk, and what came of them.

import { byId, foreign, isTouched, sentence } from "./dom.js";
import { showConflict } from "./desk-conflict.js";
import { CONFLICT_ACTS } from "./desk-keys.js";
import { NOT_YET } from "./desk-saving.js";
import { deed, deeds, wish } from "./desk-words.js";

/** Said where keys find no concept, and to readers. */
export const NO_CONCEPT = "No concept is here; “Add” (+) adds one.";
export const READER = "Your token is a reader’s; decisions need a curator’s.";

const GLANCE = 400; // ms; a key that was hit twice is not meant for what has come meanwhile

/** Makes decisions and gives them to the outbox; is told by it what came of them. */
export class Deciding {
  #tookAt = -Infinity; // when a concept was taken from a list, by the page's clock
  #leaving = null; // the key of the decision after which the next paper comes

  /**
   * @param {{session: import("./desk-session.js").Session, places: import("./desk-places.js").Places,
   *   papers: import("./desk-papers.js").Papers, view: import("./desk-paper.js").PaperView,
   *   outbox: import("./desk-outbox.js").Outbox, trouble: import("./desk-trouble.js").TroubleBoard,
   *   say: (...parts: any[]) => void, home: (how?: object) => void, run: (act: string) => void}} told
   */
  constructor(told) {
    this.told = told;
  }

  /** Whether a decision may be made now; readers are told why not. */
  get may() {
    const { session, places, papers, outbox, say } = this.told;
    if (places.here === null) return false;
    if (!session.decides) say(READER);
    // What cannot be saved now shall not keep anybody from working on.
    if (outbox.all.some(({ key, state }) => key === this.#leaving && state === "unsaved")) this.stay();
    return session.decides && this.#leaving === null && !papers.isAsking;
  }

  /** No other paper comes by itself. */
  stay() {
    this.#leaving = null;
  }

  /** Send a decision on a concept, or on the paper; null if none may be made now. */
  decide(action, concept = null, { other = null, text = "", undoes = null, words = null } = {}) {
    if (!this.may) return null;
    const { outbox, view, say } = this.told;
    const decision = { action, text };
    if (concept) decision.concept = concept.uri;
    if (other) decision.other = other.uri;
    if (undoes !== null) decision.undoes = undoes;
    const names = { concept: words ?? concept?.label ?? null, other: other?.label ?? null };
    say("\u00a0"); // what was saved before says nothing of this one
    const sent = outbox.add({ paper: view.paper, decision, names });
    if (sent.state === "held") say("Held with your other decisions: somebody was faster. ", howToSettle());
    this.showConflict();
    return sent;
  }

  /** Accept or reject; not twice. `standing` is null where no concept is. */
  judge(action, standing) {
    const { session, say } = this.told;
    if (standing === null) {
      if (this.may) say(NO_CONCEPT);
      return;
    }
    const { label, status, who, pending } = standing;
    const isWanted = pending?.action === action;
    const isOwn = !pending && who === session.me?.name;
    const isSo = isOwn && (action === "reject" ? ["rejected"] : ["accepted", "added"]).includes(status);
    if (isWanted || isSo) say(foreign(label), isSo ? ` is ${status} already.` : " is being saved.");
    else this.decide(action, standing);
  }

  /** Take one concept instead of another. */
  swap(concept, other) {
    this.#tookAt = performance.now();
    if (this.decide("swap", concept, { other })) this.told.view.grid.choose(concept.uri, { focus: true });
  }

  /** Add a concept. */
  add(concept) {
    const { view, say, home } = this.told;
    this.#tookAt = performance.now();
    const there = view.standing(concept.uri);
    if (["accepted", "added"].includes(there?.status)) say(foreign(concept.label), " is there already.");
    else this.decide("add", concept);
    if (view.grid.uris.includes(concept.uri)) view.grid.choose(concept.uri, { focus: true });
    else home();
  }

  /** Take back what `PaperView.lastOwn` or `undoing` gives. */
  undo(last) {
    if (last) this.decide("undo", null, last);
    else if (this.may) this.told.say("There is nothing of yours to undo on this paper; “Back” of the browser leads to the one before.");
  }

  /** Say "done" or "skip", and go on when it is saved. */
  leaveAs(action) {
    if (!this.may) return;
    const { session, papers, view, outbox, say } = this.told;
    if (performance.now() - Math.max(papers.cameAt, this.#tookAt) < GLANCE) {
      say("So soon after another key it may be a slip: press again if you mean it.");
      return;
    }
    const last = view.paper.events.at(-1);
    const isSaid = last?.action === action && last.who === session.me.name && outbox.of(view.paper.id).length === 0;
    if (isSaid) {
      papers.next();
      return;
    }
    const sent = this.decide(action);
    if (sent && sent.state !== "held") this.#leaving = sent.key;
  }

  /** After a conflict: record what was held, or drop it. */
  settle(isMine) {
    const { outbox, view, say } = this.told;
    if (!byId("conflict").hasChildNodes()) return;
    if (isMine) outbox.apply(view.paper.id, view.paper.seq);
    else outbox.drop(view.paper.id);
    this.showConflict();
    if (!isMine) say("Your decisions were dropped; the paper stays as it is.");
  }

  /** Show what is held on the paper that is on the desk. */
  showConflict() {
    const { session, places, view, outbox, run, home } = this.told;
    const paper = places.here;
    const mine = paper === null ? [] : outbox.of(paper).filter(({ state }) => state === "held");
    showConflict(byId("conflict"), mine, view.paper, { me: session.me?.name ?? null, run, home });
  }

  /** The outbox: it is on the disk. */
  saved(sent, answer) {
    const { session, places, papers, view, say } = this.told;
    const own = Math.max(...answer.events.map(({ seq }) => seq));
    const others = answer.paper.events.filter(({ seq, who }) => seq > own && who !== sent.who);
    if (session.me && places.wanted === sent.paper) papers.put(answer.paper); // also if it is still being looked up
    else if (view.paper?.id === sent.paper) view.show(answer.paper);
    const told = answer.events.map((event) => deed(event, answer.paper.events));
    say("Saved: ", told, others.length ? [". Meanwhile: ", deeds(others, answer.paper.events)] : "", ".");
    if (this.#leaving === sent.key) papers.next();
  }

  /** The outbox: somebody else was faster. */
  held(sent) {
    this.stay();
    this.told.say("Not saved: somebody was faster. ", howToSettle());
    this.#lookAgain(sent);
    this.showConflict();
  }

  /** The outbox: it can never be recorded. */
  refused(sent, error) {
    if (this.#leaving === sent.key) this.stay();
    this.told.say("Not saved: ", wish(sent), ".");
    this.told.trouble.tell(`refused ${sent.key}`, ["Not saved: ", wish(sent), ". ", sentence(error.message)]);
    this.#lookAgain(sent);
  }

  /** The outbox: an attempt has failed. */
  unsaved(error) {
    const { outbox, trouble, say } = this.told;
    say(NOT_YET);
    trouble.tell("outbox", sentence(error.message), { label: "Try now", again: () => outbox.pump() });
  }

  #lookAgain({ paper }) {
    const { places, papers } = this.told;
    if (places.here === paper) papers.load(paper);
  }
}

function howToSettle() {
  if (!isTouched()) return "Press m to record yours, too, or l to leave it so.";
  const [mine, leave] = CONFLICT_ACTS.map(({ title }) => `“${title}”`);
  return `Choose ${mine} or ${leave} above.`;
}
