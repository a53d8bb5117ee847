// Papers come onto the desk: one that is asked for, or the next one of the queue.

import { Problem, ask } from "./api.js";
import { Hold } from "./desk-hold.js";
import { byId, foreign, plain } from "./dom.js";

/** Asks for papers and puts them on the desk. */
export class Papers {
  #asked = 0;
  #claimed = null; // the id of the paper that was handed out, be it before a reload

  /** When the last paper came by itself, by the page's clock; ms. */
  cameAt = -Infinity;
  /** Whether the next paper is on its way. */
  isAsking = false;

  /**
   * @param {{session: import("./desk-session.js").Session, places: import("./desk-places.js").Places,
   *   view: import("./desk-paper.js").PaperView, outbox: import("./desk-outbox.js").Outbox, trouble: import("./desk-trouble.js").TroubleBoard,
   *   say: (...parts: any[]) => void, failed: (key: string, error: Error, again: () => void) => void,
   *   home: (how?: object) => void, counted: (counts: object) => void, shown: () => void, ended: () => void}} told
   *   `ended`: the next paper has come, or has not.
   */
  constructor(told) {
    this.told = told;
    this.hold = new Hold({ session: told.session, over: () => this.again() });
  }

  /** Look the paper that is on the desk up again, unless something is on its way. */
  again() {
    const { session, places, outbox } = this.told;
    const paper = session.me ? places.here : null;
    if (paper !== null && outbox.of(paper).length === 0) this.load(paper);
  }

  /** Whatever is under way comes too late. */
  forget() {
    this.#asked += 1;
  }

  /** Look a paper up and put it on the desk; unless something else is wanted by then. */
  async load(id) {
    const { session, places, trouble, failed } = this.told;
    const turn = (this.#asked += 1);
    const isLate = () => turn !== this.#asked || places.wanted !== id || !session.me;
    try {
      // Not as a part of the path: browsers would make b of a/../b.
      const paper = await ask(`/v1/review/papers?${new URLSearchParams({ id })}`);
      if (isLate()) return;
      trouble.fine("paper");
      this.put(paper);
    } catch (error) {
      if (isLate()) return;
      trouble.fine("paper");
      if (error.kind === "unknown-paper") places.showUnknown();
      else {
        if (places.here === null) places.showAbsent("The paper is not here yet");
        failed("paper", error, () => this.load(id));
      }
    }
  }

  /** Put a paper on the desk, or show it as it is now. */
  put(paper) {
    const { places, view, home, shown } = this.told;
    const isOther = view.paper?.id !== paper.id || places.view !== "paper";
    view.show(paper);
    document.title = `${plain(paper.title || paper.id)} · Curators’ desk`;
    if (this.hold.isOwn(view.paper)) this.#claimed = paper.id;
    else if (this.#claimed === paper.id) this.#claimed = null;
    this.hold.show(view.paper);
    if (isOther) {
      places.show("paper");
      scrollTo({ top: 0 });
      home({ preventScroll: true }); // the text comes first
    }
    shown();
  }

  /** Ask for the next paper of the queue. */
  async next() {
    const { session, trouble, counted, failed, ended } = this.told;
    if (!session.decides || this.isAsking) return;
    this.isAsking = true;
    const turn = (this.#asked += 1);
    try {
      const body = { order: byId("order").value, second: byId("second").checked };
      const { paper, counts } = await ask("/v1/review/next", { body });
      trouble.fine("next");
      counted(counts);
      if (turn === this.#asked && session.me) this.#handedOut(paper, body.second);
    } catch (error) {
      failed("next", error, () => this.next());
    } finally {
      this.isAsking = false;
      ended();
    }
  }

  /** Give back the paper that was handed out. */
  async giveBack() {
    const paper = this.#claimed;
    this.#claimed = null;
    if (!paper || !this.told.session.decides) return;
    try {
      await ask("/v1/review/release", { body: { paper }, seconds: 5 });
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // it is handed out again by itself in a quarter of an hour
    }
  }

  #handedOut(paper, isSecond) {
    const { places, say } = this.told;
    this.#claimed = paper?.id ?? null;
    if (paper === null) {
      places.goHome();
      say(isSecond ? "No paper waits for a second opinion." : "No paper waits.");
      return;
    }
    const isSame = places.here === paper.id;
    this.cameAt = performance.now();
    places.take(paper.id);
    this.put(paper);
    say(isSame ? "No other paper waits." : ["Next: ", foreign(paper.title || paper.id)]);
  }
}
