// The curators' desk: sign in, take a paper, decide, take the next.

import { Problem, ask, isAbort } from "./api.js";
import { followBar } from "./bar.js";
import { conceptSearch } from "./concept-search.js";
import { byId, counted, foreign, plain, speaker } from "./dom.js";
import { showAgreement } from "./desk-agreement.js";
import { NoteBox, SwapBox } from "./desk-boxes.js";
import { showConflict } from "./desk-conflict.js";
import { Import } from "./desk-import.js";
import { actOf, showActs } from "./desk-keys.js";
import { Outbox } from "./desk-outbox.js";
import { PaperView } from "./desk-paper.js";
import { QueueList } from "./desk-queue.js";
import { NOT_YET, SavingNote } from "./desk-saving.js";
import { Session } from "./desk-session.js";
import { SignIn } from "./desk-sign-in.js";
import { TroubleBoard } from "./desk-trouble.js";
import { deed, deeds, wish } from "./desk-words.js";
import { keep, kept } from "./tab.js";

const ORDER = "scixtag-desk-order";
const VIEWS = { queue: ["queue"], paper: ["paper", "concepts", "detail"], absent: ["absent"], agreement: ["agreement"] };
const SECONDS_AGAIN = 3;
const READER = "Your token is a reader’s; decisions need a curator’s.";

const speak = speaker(byId("status"));
const say = (...parts) => speak(...parts.flat(Infinity).filter((part) => part !== null && part !== ""));
const session = new Session();
const me = () => session.me?.name ?? null;
/** The paper that is on the desk and that the address names: nothing is decided on any other. */
const here = () => (state.view === "paper" && view.paper?.id === state.wanted ? state.wanted : null);

/**
 * `wanted`: the paper that the address names; `leaving`: the key of the decision after which the next paper comes;
 * `claimed`: the paper that was handed out.
 */
const state = { view: "start", wanted: null, leaving: null, claimed: null, asked: 0, isAsking: false };

const outbox = new Outbox({ who: me, changed, saved, held, refused, failed: unsaved, signedOut });
const saving = new SavingNote({ waiting: () => outbox.waiting, say });
const trouble = new TroubleBoard(byId("trouble"), { outbox, me, here, go, home });
const signIn = new SignIn({ session, entered: signedIn });
const decides = () => session.decides;
const view = new PaperView({ outbox, me, decides, judge, swap, undo: (event) => undo(view.undoing(event)) });
const swapBox = new SwapBox({ near: (standing, take) => view.near(standing, take), standing: statusOf, swap, say });
const noteBox = new NoteBox({ note: (text) => decide("note", null, { text }) !== null });
const queue = new QueueList(
  {
    body: byId("queue-body"),
    note: byId("queue-note"),
    order: byId("order"),
    progress: byId("progress"),
    back: byId("page-back"),
    more: byId("page-more"),
  },
  { counted: showCounts, trouble: (error) => failed("queue", error, () => queue.show()) },
);

function failed(key, error, again) {
  if (isAbort(error)) return;
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) signedOut(error);
  else trouble.tell(key, plain(error.message), { label: "Try again", again });
}

/** Where the focus goes when what had it has gone. */
function home(how = {}) {
  if (state.view === "start") byId("token").focus();
  else if (state.view !== "paper") byId("main").focus();
  else if (view.grid.current !== null) view.grid.focus(how);
  else byId("reading-title").focus(how);
}

// Who sits here.

function signedIn() {
  const { name, role, expires_at: until } = session.me;
  byId("who-name").replaceChildren(foreign(name), ` (${role})`);
  byId("who-name").title = until ? `until ${new Date(until).toLocaleString()}` : "";
  for (const id of ["who", "nav", "counts"]) byId(id).hidden = false;
  document.body.dataset.decides = String(session.decides);
  byId("reader-note").hidden = session.decides;
  trouble.fine("session");
  say("Signed in as ", foreign(name), ", ", role, ".");
  byId("main").focus(); // until there is something to look at
  outbox.pump();
  recount();
  route();
}

function signedOut(error) {
  session.me = null;
  const number = outbox.all.length;
  const verb = number === 1 ? "is" : "are";
  const kept = number ? ` ${counted(number, "decision")} ${verb} kept in this tab, and sent when you sign in.` : "";
  askWho(plain(error.message) + kept);
  say("Sign in again.", kept);
}

function askWho(why = "") {
  for (const id of [...Object.values(VIEWS).flat(), "who", "nav", "counts", "acts", "reader-note"]) byId(id).hidden = true;
  document.querySelector("dialog[open]")?.close();
  document.body.dataset.view = state.view = "start";
  state.leaving = null;
  conflict();
  trouble.show();
  signIn.show(why);
}

async function leave() {
  await giveBack();
  session.leave();
  trouble.clear();
  view.paper = null;
  askWho();
  say("Signed out.");
}

// Where we are: the address says it, so that a reload and the browser's own keys work.

function route() {
  if (!session.me) return;
  const [, where = "queue", id] = location.hash.split("/");
  state.wanted = where === "paper" && id ? decoded(id) : null;
  state.asked += 1; // whatever comes for another address comes too late
  trouble.fine("paper", "next", "queue", "agreement");
  state.leaving = null;
  if (state.wanted !== null) {
    if (here() === null) showAbsent("Looking it up …");
    load(state.wanted);
  } else if (where === "agreement") {
    show("agreement");
    showAgreement(byId("agreement-body")).then(
      () => trouble.fine("agreement"),
      (error) => failed("agreement", error, route),
    );
  } else {
    show("queue");
    queue.first().then((answer) => answer && trouble.fine("queue"));
  }
}

function addressOf(paper) {
  return `#/paper/${encodeURIComponent(paper)}`;
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function go(paper) {
  if (location.hash === addressOf(paper)) route();
  else location.hash = addressOf(paper);
}

function show(name) {
  const isNew = state.view !== name;
  if (isNew) document.querySelector("dialog[open]")?.close(); // it is about something else
  document.body.dataset.view = state.view = name;
  for (const [other, ids] of Object.entries(VIEWS)) for (const id of ids) byId(id).hidden = other !== name;
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("to-paper").hidden = !view.paper;
  byId("acts").hidden = name !== "paper";
  if (name !== "paper") document.title = "Curators’ desk · scixtag";
  conflict();
  trouble.show();
  const isLost = document.activeElement === document.body || document.activeElement?.closest("[hidden]");
  if (name !== "paper" && (isNew || isLost)) byId(`${name}-head`).focus();
}

function showCounts(counts) {
  for (const name of ["open", "skipped", "done"]) byId(`count-${name}`).textContent = (counts[name] ?? 0).toLocaleString("en");
}

async function recount() {
  try {
    const { counts } = await ask("/v1/review/queue?limit=1");
    showCounts(counts);
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // whatever comes next says so, too
  }
}

// Papers.

/** Look a paper up and put it on the desk; unless something else is wanted by then. */
async function load(id) {
  const turn = (state.asked += 1);
  const isLate = () => turn !== state.asked || state.wanted !== id || !session.me;
  try {
    // Not as a part of the path: browsers would make b of a/../b.
    const paper = await ask(`/v1/review/papers?${new URLSearchParams({ id })}`);
    if (isLate()) return;
    trouble.fine("paper");
    put(paper);
  } catch (error) {
    if (isLate()) return;
    if (error.kind === "unknown-paper") lack(id);
    else {
      if (here() === null) showAbsent("The paper is not here yet");
      failed("paper", error, () => load(id));
    }
  }
}

/** No paper has the id that the address names. */
function lack(id) {
  trouble.fine("paper");
  const advice = "Its name may be misspelt, or it was never imported: look for it in the queue, or import it there.";
  showAbsent("No such paper", "No paper “", foreign(id), "” is on this desk. ", advice);
  byId("absent-head").focus();
}

/** Nothing is on the desk, and why. */
function showAbsent(head, ...note) {
  byId("absent-head").textContent = head;
  byId("absent-note").replaceChildren(...note);
  byId("absent").dataset.known = String(note.length > 0);
  show("absent");
}

function put(paper) {
  const isOther = view.paper?.id !== paper.id || state.view !== "paper";
  view.show(paper);
  document.title = `${plain(paper.title || paper.id)} · Curators’ desk`;
  byId("to-paper").href = addressOf(paper.id);
  byId("give-back").hidden = state.claimed !== paper.id;
  if (isOther) {
    show("paper");
    scrollTo({ top: 0 });
    home({ preventScroll: true }); // the text comes first
  }
  conflict();
  trouble.show();
}

async function next() {
  if (!session.decides) say(READER);
  if (!session.decides || state.isAsking) return;
  state.isAsking = true;
  const turn = (state.asked += 1);
  try {
    const body = { order: byId("order").value, second: byId("second").checked };
    const { paper, counts } = await ask("/v1/review/next", { body });
    trouble.fine("next");
    showCounts(counts);
    if (turn !== state.asked || !session.me) return;
    handedOut(paper, body.second);
  } catch (error) {
    failed("next", error, next);
  } finally {
    state.leaving = null;
    state.isAsking = false;
  }
}

function handedOut(paper, isSecond) {
  state.claimed = paper?.id ?? null;
  if (paper === null) {
    location.hash = "#/queue";
    say(isSecond ? "No paper waits for a second opinion." : "No paper waits.");
    return;
  }
  const isSame = here() === paper.id;
  state.wanted = paper.id;
  if (location.hash !== addressOf(paper.id)) history.pushState(null, "", addressOf(paper.id));
  put(paper);
  say(isSame ? "No other paper waits." : ["Next: ", foreign(paper.title || paper.id)]);
}

async function giveBack() {
  const paper = state.claimed;
  state.claimed = null;
  if (!paper || !session.decides) return;
  try {
    await ask("/v1/review/release", { body: { paper }, seconds: 5 });
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // it is handed out again by itself in a quarter of an hour
  }
}

// Decisions.

function mayDecide() {
  if (here() === null) return false;
  if (!session.decides) say(READER);
  // What cannot be saved now shall not keep anybody from working on.
  if (outbox.all.some(({ key, state: is }) => key === state.leaving && is === "unsaved")) state.leaving = null;
  return session.decides && state.leaving === null && !state.isAsking;
}

/** Send a decision on a concept, or on the paper; null if none may be made now. */
function decide(action, concept = null, { other = null, text = "", undoes = null, words = null } = {}) {
  if (!mayDecide()) return null;
  const decision = { action, text };
  if (concept) decision.concept = concept.uri;
  if (other) decision.other = other.uri;
  if (undoes !== null) decision.undoes = undoes;
  const names = { concept: words ?? concept?.label ?? null, other: other?.label ?? null };
  say("\u00a0"); // what was saved before says nothing of this one
  const sent = outbox.add({ paper: view.paper, decision, names });
  if (sent.state === "held") say("Held with your other decisions: somebody was faster. Press m to record them, l to drop them.");
  conflict();
  return sent;
}

/** Accept or reject; not twice. */
function judge(action, standing) {
  const { label, status, who, pending } = standing;
  const isWanted = pending?.action === action;
  const isSo = !pending && who === me() && (action === "reject" ? ["rejected"] : ["accepted", "added"]).includes(status);
  if (isWanted || isSo) say(foreign(label), isSo ? ` is ${status} already.` : " is being saved.");
  else decide(action, standing);
}

function statusOf({ uri }) {
  return view.standing(uri)?.status ?? null;
}

function swap(concept, other) {
  if (decide("swap", concept, { other })) view.grid.choose(concept.uri, { focus: true });
}

function add(concept) {
  const there = view.standing(concept.uri);
  if (["accepted", "added"].includes(there?.status)) say(foreign(concept.label), " is there already.");
  else decide("add", concept);
  if (view.grid.uris.includes(concept.uri)) view.grid.choose(concept.uri, { focus: true });
  else home();
}

function undo(last) {
  if (last) decide("undo", null, last);
  else if (mayDecide()) say("There is nothing of yours to undo on this paper.");
}

/** Say "done" or "skip", and go on when it is saved. */
function leaveAs(action) {
  if (!mayDecide()) return;
  const last = view.paper.events.at(-1);
  const isSaid = last?.action === action && last.who === me() && outbox.of(view.paper.id).length === 0;
  if (isSaid) {
    next();
    return;
  }
  const sent = decide(action);
  if (sent && sent.state !== "held") state.leaving = sent.key;
}

// What came of them.

function changed() {
  view.sync();
  trouble.show();
  saving.sync();
}

function saved(sent, answer) {
  const own = Math.max(...answer.events.map(({ seq }) => seq));
  const others = answer.paper.events.filter(({ seq, who }) => seq > own && who !== sent.who);
  if (view.paper?.id === sent.paper && answer.paper.seq >= view.paper.seq) {
    if (here()) put(answer.paper);
    else view.show(answer.paper);
  }
  const told = answer.events.map((event) => deed(event, answer.paper.events));
  say("Saved: ", told, others.length ? [". Meanwhile: ", deeds(others, answer.paper.events)] : "", ".");
  if (state.leaving === sent.key) next();
}

function held(sent) {
  state.leaving = null;
  say("Not saved: somebody was faster. Press m to record yours, too, or l to leave it so.");
  if (here() === sent.paper) load(sent.paper);
  conflict();
}

function refused(sent, error) {
  if (state.leaving === sent.key) state.leaving = null;
  trouble.tell(`refused ${sent.key}`, ["Not saved: ", wish(sent), ". ", plain(error.message)]);
  if (here() === sent.paper) load(sent.paper);
}

function unsaved(error) {
  say(NOT_YET);
  trouble.tell("outbox", plain(error.message), { label: "Try now", again: () => outbox.pump() });
}

function conflict() {
  const paper = here();
  const mine = paper === null ? [] : outbox.of(paper).filter(({ state: is }) => is === "held");
  showConflict(byId("conflict"), mine, view.paper, { me: me(), run, home });
}

// Keys and buttons.

const ON_PAPER = {
  back: () => view.grid.step(-1),
  on: () => view.grid.step(1),
  accept: () => view.current && judge("accept", view.current),
  reject: () => view.current && judge("reject", view.current),
  swap: () => view.current && mayDecide() && openSwap(view.current),
  add: () => mayDecide() && byId("search").focus(),
  note: () => mayDecide() && noteBox.open(view.paper.id),
  undo: () => undo(view.lastOwn()),
  skip: () => leaveAs("skip"),
  done: () => leaveAs("done"),
  mine: () => settle(() => outbox.apply(view.paper.id, view.paper.seq)),
  leave: () => settle(() => outbox.drop(view.paper.id), "Your decisions were dropped; the paper stays as it is."),
};

function run(name) {
  if (name === "keys") byId("keys-box").showModal();
  else if (state.view === "paper") ON_PAPER[name]?.();
  else if (state.view === "queue" && name === "done") next();
}

function settle(act, told = "") {
  if (!byId("conflict").hasChildNodes()) return;
  act();
  conflict();
  if (told) say(told);
}

function openSwap(standing) {
  if (standing.id === null) say("It is not saved yet.");
  else swapBox.open(standing);
}

// Wiring.

showActs(run);
followBar(byId("bar"));
conceptSearch(byId("search"), { choose: add, standing: statusOf });
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) home();
});
byId("sign-out").addEventListener("click", leave);
byId("next").addEventListener("click", next);
byId("give-back").addEventListener("click", async () => {
  await giveBack();
  location.hash = "#/queue";
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  home();
});
for (const id of ["swap-box", "note-box", "keys-box"]) {
  byId(id).addEventListener("close", () => state.view === "paper" && home());
}
new Import(
  {
    file: byId("import-file"),
    bibcodes: byId("import-bibcodes"),
    query: byId("import-query"),
    bar: byId("import-bar"),
    stop: byId("import-stop"),
    note: byId("import-note"),
  },
  { say, came: () => queue.show(), signedOut },
);
document.addEventListener("keydown", (event) => {
  const name = session.me ? actOf(event) : null;
  if (name === null) return;
  event.preventDefault();
  run(name);
});
addEventListener("hashchange", route);
addEventListener("online", () => outbox.pump());
addEventListener("beforeunload", (event) => {
  if (outbox.all.length > 0) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const paper = document.visibilityState === "visible" && session.me ? here() : null;
  if (paper !== null && outbox.of(paper).length === 0) load(paper);
});
byId("order").addEventListener("change", () => {
  keep(ORDER, byId("order").value);
});

async function begin() {
  byId("order").value = kept(ORDER) ?? "uncertainty";
  if (!session.hasToken) {
    askWho();
    return;
  }
  try {
    await session.look();
    signedIn();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) {
      session.leave();
      signedOut(error);
      return;
    }
    trouble.tell("session", plain(error.message), { label: "Try again", again: begin });
    if (error.gone || error.status >= 500) setTimeout(() => session.me || begin(), 1000 * SECONDS_AGAIN);
  }
}

begin();
