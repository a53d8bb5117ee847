// Decisions on their way to the database: kept in this tab until the service says that they are on the disk.

import { ask } from "./api.js";
import { counted } from "./dom.js";
import { keep, kept } from "./tab.js";

const KEY = "scixtag-desk-outbox";
const PATIENCE = [1, 2, 4, 8, 15]; // s between two attempts; the last one again and again
const SECONDS = 20;

/** What says that a decision cannot be recorded however often it is sent. */
const HOPELESS = new Set(["invalid", "unknown-paper", "unknown-concept", "no-json", "too-large"]);

/**
 * A decision on its way.
 *
 * @typedef {object} Sent
 * @property {string} key Its name: sent again under it, nothing happens twice.
 * @property {string} who Whose it is; sent under no other name.
 * @property {string} paper The paper's id.
 * @property {string} title The paper's.
 * @property {number|null} expected The paper's last event that was seen; null: that of the decision before.
 * @property {object} decision As /v1/review/decisions takes it; `undoes` may be the key of one that is not saved yet.
 * @property {{concept: string|null, other: string|null}} names Of its concepts, for people.
 * @property {"waiting"|"sending"|"unsaved"|"held"} state `unsaved`: an attempt failed; `held`: somebody was faster.
 * @property {object[]} since When held: what happened to the paper meanwhile.
 */

/** Sends decisions one after the other, and each until it is answered. */
export class Outbox {
  #timer = 0;
  #failures = 0;
  #isSending = false;

  /**
   * @param {{who: () => string|null, changed: () => void, saved: (sent: Sent, answer: object) => void,
   *   held: (sent: Sent) => void, refused: (sent: Sent, error: Error) => void, failed: (error: Error) => void,
   *   signedOut: (error: Error) => void}} told Whoever is told what came of them.
   */
  constructor(told) {
    this.told = told;
    this.all = keptDecisions();
    // Nobody knows what came of them; their keys say whether they happened.
    for (const sent of this.all) if (sent.state === "sending") sent.state = "waiting";
  }

  /** One's own on a paper, in order. */
  of(paper, who = this.told.who()) {
    return this.all.filter((sent) => sent.paper === paper && sent.who === who);
  }

  /** Those that somebody else has left in this tab. */
  get others() {
    return this.all.filter(({ who }) => who !== this.told.who());
  }

  /** What is to be known by who leaves, or has to sign in; empty if nothing is. */
  get keptNote() {
    const number = this.all.length;
    const are = number === 1 ? "is" : "are";
    return number ? ` ${counted(number, "decision")} ${are} kept in this tab, and sent when you sign in.` : "";
  }

  /** One's own that wait for an answer. */
  get waiting() {
    return this.all.filter(({ state, who }) => state !== "held" && who === this.told.who());
  }

  /**
   * Take a decision and send it as soon as possible.
   *
   * @param {{paper: object, decision: object, names: object}} wanted `paper` as it was seen.
   * @returns {Sent}
   */
  add({ paper, decision, names }) {
    const isFirst = this.of(paper.id).length === 0;
    const sent = {
      key: newKey(),
      who: this.told.who(),
      paper: paper.id,
      title: paper.title,
      expected: isFirst ? paper.seq : null,
      decision,
      names,
      state: this.of(paper.id).some(({ state }) => state === "held") ? "held" : "waiting",
      since: [],
    };
    this.all.push(sent);
    this.#changed();
    this.pump();
    return sent;
  }

  /** Send what can be sent, now. */
  async pump() {
    clearTimeout(this.#timer);
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) if (!(await this.#send(next))) break;
    } finally {
      this.#isSending = false;
    }
  }

  /** Send again what was held, on top of what others did meanwhile; `seq` is the paper's last event as it is shown. */
  apply(paper, seq) {
    const renamed = new Map();
    let expected = seq;
    for (const sent of this.of(paper)) {
      const key = newKey();
      renamed.set(sent.key, key);
      const { undoes } = sent.decision;
      if (renamed.has(undoes)) sent.decision.undoes = renamed.get(undoes);
      Object.assign(sent, { key, expected, state: "waiting", since: [] });
      expected = null;
    }
    this.#changed();
    this.pump();
  }

  /** Forget decisions that were held. */
  drop(paper) {
    const dropped = this.of(paper).filter(({ state }) => state === "held");
    this.all = this.all.filter((sent) => !dropped.includes(sent));
    this.#changed();
  }

  /** Forget what somebody else left here. */
  dropOthers() {
    const dropped = this.others;
    this.all = this.all.filter((sent) => !dropped.includes(sent));
    this.#changed();
  }

  #next() {
    const me = this.told.who();
    const isFirst = (sent) => this.of(sent.paper)[0] === sent;
    return me === null ? undefined : this.all.find((sent) => sent.who === me && sent.state !== "held" && isFirst(sent));
  }

  /** Whether others can be sent after it. */
  async #send(sent) {
    // What was not saved once is not saved until it is: trying again is no news.
    if (sent.state !== "unsaved") sent.state = "sending";
    this.#changed();
    const { paper, expected, key, decision } = sent;
    const body = { paper, expected_seq: expected, key, decisions: [decision] };
    try {
      const answer = await ask("/v1/review/decisions", { body, seconds: SECONDS });
      this.#failures = 0;
      this.#saved(sent, answer);
      return true;
    } catch (error) {
      return this.#refused(sent, error);
    }
  }

  #saved(sent, answer) {
    const own = answer.events.map(({ seq }) => seq);
    this.#remove(sent, Math.max(...own));
    for (const later of this.of(sent.paper, sent.who)) if (later.decision.undoes === sent.key) later.decision.undoes = own[0];
    this.#keep();
    // First the paper as it is now: between being on its way and being saved nothing is gone from the desk.
    this.told.saved(sent, answer);
    this.told.changed();
  }

  #refused(sent, error) {
    if (error.status === 409) {
      for (const one of this.of(sent.paper, sent.who)) one.state = "held";
      sent.since = error.document.events ?? [];
      this.#changed();
      this.told.held(sent);
      return true;
    }
    if (HOPELESS.has(error.kind) || error.status === 422) {
      this.#remove(sent, sent.expected);
      const isOver = (one) => one.decision.undoes === sent.key;
      this.all = this.all.filter((one) => !isOver(one));
      this.#changed();
      this.told.refused(sent, error);
      return true;
    }
    sent.state = "unsaved";
    this.#changed();
    if (error.status === 401 || error.status === 403) {
      this.told.signedOut(error);
    } else {
      this.#timer = setTimeout(() => this.pump(), 1000 * PATIENCE[Math.min(this.#failures, PATIENCE.length - 1)]);
      this.#failures += 1;
      this.told.failed(error);
    }
    return false;
  }

  /** Take one out; the next one on the paper stands on what it has left. */
  #remove(sent, seq) {
    this.all = this.all.filter((one) => one !== sent);
    const [next] = this.of(sent.paper, sent.who);
    if (next) next.expected = seq;
  }

  #changed() {
    this.#keep();
    this.told.changed();
  }

  #keep() {
    keep(KEY, JSON.stringify(this.all));
  }
}

function keptDecisions() {
  try {
    const all = JSON.parse(kept(KEY) ?? "[]");
    return Array.isArray(all) ? all.filter((sent) => sent?.key && sent.paper && sent.decision && sent.names) : [];
  } catch {
    return [];
  }
}

/** A name that nobody else gives; `randomUUID` is there on this machine and over HTTPS alone. */
function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
