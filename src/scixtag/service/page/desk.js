// The curators' desk: sign in, take a paper, decide, take the next. Here its parts are put together.

import { Problem, ask, isAbort } from "./api.js";
import { followBar } from "./bar.js";
import { conceptSearch } from "./concept-search.js";
import { byId, foreign, sentence, speaker } from "./dom.js";
import { showAgreement } from "./desk-agreement.js";
import { NoteBox, SwapBox } from "./desk-boxes.js";
import { Deciding, NO_CONCEPT, READER } from "./desk-deciding.js";
import { Import } from "./desk-import.js";
import { actOf, showActs } from "./desk-keys.js";
import { Outbox } from "./desk-outbox.js";
import { PaperView } from "./desk-paper.js";
import { Papers } from "./desk-papers.js";
import { Places } from "./desk-places.js";
import { QueueList } from "./desk-queue.js";
import { SavingNote } from "./desk-saving.js";
import { Session } from "./desk-session.js";
import { SignIn } from "./desk-sign-in.js";
import { TroubleBoard } from "./desk-trouble.js";

const SECONDS_AGAIN = 3;

const speak = speaker(byId("status"));
const say = (...parts) => speak(...parts.flat(Infinity).filter((part) => part !== null && part !== ""));
const session = new Session();
const me = () => session.me?.name ?? null;
const outbox = new Outbox({
  who: me,
  changed,
  saved: (sent, answer) => deciding.saved(sent, answer),
  held: (sent) => deciding.held(sent),
  refused: (sent, error) => deciding.refused(sent, error),
  failed: (error) => deciding.unsaved(error),
  signedOut,
});
const saving = new SavingNote({ waiting: () => outbox.waiting, say });
const places = new Places({
  session,
  paper: () => view.paper,
  left,
  shown,
  to: { paper: (id) => papers.load(id), queue: toQueue, agreement: toAgreement },
});
const trouble = new TroubleBoard(byId("trouble"), { outbox, me, here: () => places.here, go: (paper) => places.go(paper), home });
const signIn = new SignIn({ session, entered: signedIn });
const view = new PaperView({
  outbox,
  me,
  decides: () => session.decides,
  judge: (action, standing) => deciding.judge(action, standing),
  swap: (concept, other) => deciding.swap(concept, other),
  undo: (event) => deciding.undo(view.undoing(event)),
});
const papers = new Papers({
  session,
  places,
  view,
  outbox,
  trouble,
  say,
  failed,
  home,
  counted: showCounts,
  shown,
  ended: () => deciding.stay(),
});
const deciding = new Deciding({ session, places, papers, view, outbox, trouble, say, home, run });
const standing = ({ uri }) => view.standing(uri)?.status ?? null;
const swapBox = new SwapBox({
  near: (concept, take) => view.near(concept, take),
  standing,
  swap: (concept, other) => deciding.swap(concept, other),
  say,
});
const noteBox = new NoteBox({ note: (text) => deciding.decide("note", null, { text }) !== null });
const queue = new QueueList(
  {
    body: byId("queue-body"),
    note: byId("queue-note"),
    order: byId("order"),
    progress: byId("progress"),
    find: byId("find"),
    back: byId("page-back"),
    more: byId("page-more"),
  },
  { counted: showCounts, seek: (text) => places.seek(text), trouble: (error) => failed("queue", error, () => queue.show()) },
);

function failed(key, error, again) {
  if (isAbort(error)) return;
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) signedOut(error);
  else trouble.tell(key, sentence(error.message), { label: "Try again", again });
}

/** Where the focus goes when what had it has gone. */
function home(how = {}) {
  if (places.view === "start") byId("token").focus();
  else if (places.view !== "paper") byId("main").focus();
  else if (view.grid.current !== null) view.grid.focus(how);
  else byId("reading-title").focus(how);
}

function changed() {
  view.sync();
  trouble.show();
  saving.sync();
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
  byId("main").focus(); // until there is something to look at
  outbox.pump();
  recount();
  places.route();
  say("Signed in as ", foreign(name), ", ", role, ".");
}

function signedOut(error) {
  session.me = null;
  askWho(sentence(error.message) + outbox.keptNote);
  say("Sign in again.", outbox.keptNote);
}

function askWho(why = "") {
  deciding.stay();
  places.close();
  signIn.show(why);
}

async function leave() {
  await papers.giveBack();
  session.leave();
  trouble.clear();
  view.paper = null;
  askWho(outbox.keptNote.trim());
  say("Signed out.", outbox.keptNote);
}

// Where we are.

function left() {
  say("\u00a0"); // what was told is of where one was
  papers.forget();
  deciding.stay();
  trouble.fine("paper", "next", "queue", "agreement");
}

function shown() {
  deciding.showConflict();
  trouble.show();
}

async function toQueue() {
  if (await queue.seek(places.sought)) trouble.fine("queue"); // on the page of it where one was
}

async function toAgreement() {
  try {
    await showAgreement(byId("agreement-body"));
    trouble.fine("agreement");
  } catch (error) {
    failed("agreement", error, () => places.route());
  }
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

// Keys and buttons.

const ON_PAPER = {
  back: () => view.grid.step(-1),
  on: () => view.grid.step(1),
  accept: () => deciding.judge("accept", view.current),
  reject: () => deciding.judge("reject", view.current),
  swap: () => deciding.may && openSwap(view.current),
  add: () => deciding.may && byId("search").focus(),
  note: () => deciding.may && noteBox.open(view.paper.id),
  undo: () => deciding.undo(view.lastOwn()),
  skip: () => deciding.leaveAs("skip"),
  done: () => deciding.leaveAs("done"),
  mine: () => deciding.settle(true),
  leave: () => deciding.settle(false),
};

const IN_QUEUE = { done: next, find: () => byId("find").select() };

function run(name) {
  if (name === "keys") byId("keys-box").showModal();
  else if (places.view === "paper") ON_PAPER[name]?.();
  else if (places.view === "queue") IN_QUEUE[name]?.();
}

function next() {
  if (session.decides) papers.next();
  else say(READER);
}

function openSwap(standing) {
  if (standing === null) say(NO_CONCEPT);
  else if (standing.id === null) say("It is not saved yet.");
  else swapBox.open(standing);
}

// Wiring.

showActs(run);
followBar(byId("bar"));
conceptSearch(byId("search"), { choose: (concept) => deciding.add(concept), standing });
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) home();
});
byId("sign-out").addEventListener("click", leave);
byId("next").addEventListener("click", next);
byId("give-back").addEventListener("click", async () => {
  await papers.giveBack();
  places.goHome();
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  home();
});
for (const id of ["swap-box", "note-box", "keys-box"]) {
  byId(id).addEventListener("close", () => places.view === "paper" && home());
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
  const name = session.me ? actOf(event, places.view) : null;
  if (name === null) return;
  event.preventDefault();
  run(name);
});
addEventListener("hashchange", () => places.route());
addEventListener("online", () => outbox.pump());
addEventListener("beforeunload", (event) => {
  if (outbox.all.length > 0) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") papers.again();
});

async function begin() {
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
    trouble.tell("session", sentence(error.message) + outbox.keptNote, { label: "Try again", again: begin });
    if (error.gone || error.status >= 500) setTimeout(() => session.me || begin(), 1000 * SECONDS_AGAIN);
  }
}

byId("unstarted").remove(); // all that is needed has come
begin();
