// Who holds the paper on the desk: it is handed to nobody else for a while.

import { byId, foreign } from "./dom.js";
import { moment } from "./desk-words.js";

const LATER = 1000; // ms after its end, when the service is sure to see it ended, too

/** Says who holds a paper, and offers to give it back. */
export class Hold {
  #timer = null;

  /** @param {{session: import("./desk-session.js").Session, over: () => void}} told `over`: it has come to its end. */
  constructor(told) {
    this.told = told;
  }

  /** Whether who sits here may give a paper back. */
  isOwn({ claimed_by: holder }) {
    const { session } = this.told;
    return session.decides && holder !== null && holder === session.me.name;
  }

  /** Show it for a paper as the service told it. */
  show(paper) {
    clearTimeout(this.#timer);
    const isOwn = this.isOwn(paper);
    const { claimed_by: holder, claimed_until: until } = paper;
    const words = isOwn ? ["You hold this paper until ", moment(until)] : holder === null ? [] : [foreign(holder), " is looking at it"];
    byId("hold").replaceChildren(...words);
    byId("give-back").hidden = !isOwn;
    const rest = holder === null ? 0 : new Date(until).getTime() - Date.now();
    if (rest > 0) this.#timer = setTimeout(this.told.over, rest + LATER);
  }
}
