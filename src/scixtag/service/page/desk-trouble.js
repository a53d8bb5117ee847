// What is wrong, in one place.

import { counted, el, foreign } from "./dom.js";

/** Lines that say what is wrong and what can be done, until it is right again. */
export class TroubleBoard {
  #all = new Map();

  /**
   * @param {HTMLElement} region With `role="alert"`.
   * @param {{outbox: import("./desk-outbox.js").Outbox, me: () => string|null, here: () => string|null,
   *   go: (paper: string) => void, home: () => void}} told
   */
  constructor(region, told) {
    this.region = region;
    this.told = told;
  }

  /** Say something; `again` is done when its button is pressed. */
  tell(key, told, { label = "Dismiss", again = null } = {}) {
    this.#all.set(key, { told, label, again });
    this.show();
  }

  /** It is right again, or of no interest any more. */
  fine(...keys) {
    if (keys.filter((key) => this.#all.delete(key)).length) this.show();
  }

  /** Nothing of what was said is of interest any more. */
  clear() {
    this.#all.clear();
    this.show();
  }

  /** Show what was said, and what the outbox holds. */
  show() {
    const { outbox, me } = this.told;
    const isUnsaved = outbox.waiting.some(({ state }) => state === "unsaved");
    if (!isUnsaved) this.#all.delete("outbox");
    const lines = [...this.#all].map(([key, one]) => (key === "outbox" ? this.#unsaved(one) : this.#line(key, one)));
    if (me() !== null) lines.push(...this.#held(), ...this.#others());
    const told = lines.map((one) => one.textContent).join();
    if (this.region.dataset.told === told) return; // nothing new to be read out
    this.region.dataset.told = told;
    const hadFocus = this.region.contains(document.activeElement);
    this.region.replaceChildren(...lines);
    if (hadFocus) this.told.home();
  }

  #line(key, { told, label, again }) {
    const act = () => {
      this.fine(key);
      again?.();
    };
    return lineOf(told, label, act);
  }

  #unsaved({ told, label, again }) {
    const number = counted(this.told.outbox.waiting.length, "decision");
    return lineOf([`Not saved: ${number}. `, told, " Kept in this tab, and sent again by itself."], label, again);
  }

  /** Of papers that are not open now: what was held there. */
  #held() {
    const { outbox, here, go } = this.told;
    const isFirst = (sent) => outbox.of(sent.paper)[0] === sent;
    const held = outbox.all.filter((sent) => sent.state === "held" && sent.paper !== here() && isFirst(sent));
    return held.map(({ paper, title }) =>
      lineOf(["Somebody was faster: decisions on “", foreign(title || paper), "” are held."], "Look", () => go(paper)),
    );
  }

  #others() {
    const { others } = this.told.outbox;
    if (others.length === 0) return [];
    const wait = others.length === 1 ? "waits" : "wait";
    const told = [`${counted(others.length, "decision")} of `, foreign(others[0].who), ` ${wait} in this tab until they sign in.`];
    return [lineOf(told, "Drop them", () => this.told.outbox.dropOthers())];
  }
}

function lineOf(told, label, act) {
  const button = el("button", { type: "button", class: "quiet", on: { click: () => act?.() } }, label);
  return el("div", { class: "trouble" }, el("p", {}, copied(told)), button);
}

/** Told again and again, while a node can stand in one place alone. */
function copied(part) {
  if (Array.isArray(part)) return part.map(copied);
  return part instanceof Node ? part.cloneNode(true) : part;
}
