// Where one is on the desk: the address says it, so that a reload and the browser's own keys work.

import { byId, foreign } from "./dom.js";

const VIEWS = { queue: ["queue"], paper: ["paper", "concepts", "detail"], absent: ["absent"], agreement: ["agreement"] };
const QUEUE = "#/queue"; // maybe with ?q= and what is looked for
const OF_SESSION = ["who", "nav", "counts", "acts", "reader-note"];

/** The views of the desk, of which one is shown. */
export class Places {
  /** The one that is shown: "start" while nobody has signed in, "absent" while the paper that is wanted is not there. */
  view = "start";
  /** The id of the paper that the address names; null if it names none. */
  wanted = null;
  /** What is looked for in the queue. */
  sought = "";

  /**
   * @param {{session: import("./desk-session.js").Session, paper: () => object|null, left: () => void, shown: () => void,
   *   to: {paper: (id: string) => void, queue: () => void, agreement: () => void}}} told `paper`: what lies on the desk,
   *   be it shown or not; `left`, `shown`: before and after the view changes; `to` fills a view.
   */
  constructor(told) {
    this.told = told;
  }

  /** The id of the paper that is on the desk and that the address names: nothing is decided on any other. */
  get here() {
    return this.view === "paper" && this.told.paper()?.id === this.wanted ? this.wanted : null;
  }

  /** Go where the address says. */
  route() {
    if (!this.told.session.me) return;
    const [, where = "queue", id] = location.hash.split("/");
    this.wanted = where === "paper" && id ? decoded(id) : null;
    this.told.left();
    if (this.wanted !== null) {
      if (this.here === null) this.showAbsent("Looking it up …");
      this.told.to.paper(this.wanted);
      return;
    }
    const view = where === "agreement" ? "agreement" : "queue";
    if (view === "queue") this.sought = soughtIn(location.hash);
    this.show(view);
    this.told.to[view]();
  }

  /** Go to a paper, also to the one where one is. */
  go(paper) {
    if (location.hash === addressOf(paper)) this.route();
    else location.hash = addressOf(paper);
  }

  /** Something else is looked for in the queue: typing it leaves no trail of addresses. */
  seek(text) {
    this.sought = text;
    byId("to-queue").href = this.#queue;
    if (this.view === "queue") history.replaceState(null, "", this.#queue);
  }

  /** Go to the queue, at once. */
  goHome() {
    if (location.hash !== this.#queue) history.pushState(null, "", this.#queue);
    this.route();
  }

  /** The address of a paper that has come already. */
  take(paper) {
    this.wanted = paper;
    if (location.hash !== addressOf(paper)) history.pushState(null, "", addressOf(paper));
  }

  /** Show one of the views. */
  show(name) {
    const isNew = this.view !== name;
    if (isNew) document.querySelector("dialog[open]")?.close(); // it is about something else
    this.#be(name);
    for (const [other, ids] of Object.entries(VIEWS)) for (const id of ids) byId(id).hidden = other !== name;
    for (const link of byId("nav").querySelectorAll("a")) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    byId("to-queue").href = this.#queue;
    const paper = this.told.paper();
    byId("to-paper").hidden = paper === null;
    if (paper !== null) byId("to-paper").href = addressOf(paper.id);
    byId("acts").hidden = name !== "paper";
    if (name !== "paper") document.title = "Curators’ desk · scixtag";
    this.told.shown();
    const isLost = document.activeElement === document.body || document.activeElement?.closest("[hidden]");
    if (name !== "paper" && (isNew || isLost)) byId(`${name}-head`).focus();
  }

  /** Nothing is on the desk, and why. */
  showAbsent(head, ...note) {
    byId("absent-head").textContent = head;
    byId("absent-note").replaceChildren(...note);
    byId("absent").dataset.known = String(note.length > 0);
    this.show("absent");
  }

  /** No paper has the id that the address names. */
  showUnknown() {
    const advice = "Its name may be misspelt, or it was never imported: look for it in the queue, or import it there.";
    this.showAbsent("No such paper", "No paper “", foreign(this.wanted), "” is on this desk. ", advice);
    byId("absent-head").focus();
  }

  /** Nobody sits here: nothing is shown. */
  close() {
    for (const id of [...Object.values(VIEWS).flat(), ...OF_SESSION]) byId(id).hidden = true;
    document.querySelector("dialog[open]")?.close();
    this.#be("start");
    this.told.shown();
  }

  get #queue() {
    return this.sought ? `${QUEUE}?${new URLSearchParams({ q: this.sought })}` : QUEUE;
  }

  #be(name) {
    document.body.dataset.view = this.view = name;
  }
}

function addressOf(paper) {
  return `#/paper/${encodeURIComponent(paper)}`;
}

function soughtIn(hash) {
  return new URLSearchParams(hash.split("?").slice(1).join("?")).get("q")?.trim() ?? "";
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
