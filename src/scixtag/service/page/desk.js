// The curators' desk: sign in, take a paper, decide, take the next.

import { Problem, ask, isAbort } from "./api.js";
import { conceptSearch } from "./concept-search.js";
import { byId, counted, el, foreign, plain, speaker } from "./dom.js";
import { showAgreement } from "./desk-agreement.js";
import { Import } from "./desk-import.js";
import { CONFLICT_ACTS, actOf, showActs } from "./desk-keys.js";
import { Outbox } from "./desk-outbox.js";
import { PaperView } from "./desk-paper.js";
import { QueueList } from "./desk-queue.js";
import { Session } from "./desk-session.js";
import { deed, textOf, wish } from "./desk-words.js";

const ORDER = "scixtag-desk-order";
const DRAFT = "scixtag-desk-note";
const VIEWS = { queue: ["queue"], paper: ["paper", "concepts", "detail"], agreement: ["agreement"] };

const speak = speaker(byId("status"));
const say = (...parts) => speak(...parts.flat(Infinity).filter((part) => part !== null && part !== ""));
const session = new Session();
const troubles = new Map();
const state = { view: "start", leaving: null, claimed: null, asked: 0 };

const outbox = new Outbox({
  who: () => session.me?.name ?? null,
  changed: () => {
    view?.sync();
    showTrouble();
  },
  saved,
  held,
  refused: (sent, error) => {
    if (state.leaving === sent.key) state.leaving = null;
    trouble(`refused ${sent.key}`, ["Not saved: ", wish(sent), ". ", plain(error.message)]);
    if (view.paper?.id === sent.paper) load(sent.paper);
  },
  failed: (error) => {
    say("Not saved yet; it is kept in this tab and sent again.");
    trouble("outbox", plain(error.message), { label: "Try now", again: () => outbox.pump() });
  },
  signedOut,
});
const view = new PaperView({
  outbox,
  me: () => session.me?.name ?? null,
  decide,
  swap,
  undo: (event) => undo({ undoes: event.seq, words: textOf(deed(event, view.paper.events)) }),
});
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

// What is wrong, in one place.

function trouble(key, told, { label = "Dismiss", again = null } = {}) {
  troubles.set(key, { told, label, again });
  showTrouble();
}

function fine(key) {
  if (troubles.delete(key)) showTrouble();
}

function failed(key, error, again) {
  if (isAbort(error)) return;
  if (!(error instanceof Problem)) throw error;
  if (error.status === 401) signedOut(error);
  else trouble(key, plain(error.message), { label: "Try again", again });
}

function showTrouble() {
  const unsaved = outbox.waiting.filter(({ state: is }) => is === "unsaved").length;
  if (!unsaved) troubles.delete("outbox");
  const lines = [...troubles].map(([key, one]) => {
    const number = outbox.waiting.length;
    const kept = key === "outbox" ? [`Not saved: ${counted(number, "decision")}. `, one.told, " Kept in this tab, and sent again by itself."] : one.told;
    return line(kept, one.label, () => {
      if (key !== "outbox") fine(key);
      one.again?.();
    });
  });
  lines.push(...elsewhere(), ...othersLine());
  const region = byId("trouble");
  const told = lines.map((one) => one.textContent).join();
  if (region.dataset.told === told) return; // nothing new to be read out
  region.dataset.told = told;
  if (region.contains(document.activeElement)) home();
  region.replaceChildren(...lines);
}

/** Decisions that were held on papers which are not open now. */
function elsewhere() {
  const held = outbox.all.filter(({ state: is, since, paper }) => is === "held" && since.length && paper !== (state.view === "paper" ? view.paper?.id : null));
  return held
    .filter(({ who }) => who === session.me?.name)
    .map((sent) => line(["Somebody was faster: ", wish(sent), " on ", foreign(sent.title), " is held."], "Look", () => go(sent.paper)));
}

function othersLine() {
  const others = session.me ? outbox.others : [];
  if (others.length === 0) return [];
  const told = [`${counted(others.length, "decision")} of `, foreign(others[0].who), " wait in this tab until they sign in."];
  return [line(told, "Drop them", () => outbox.dropOthers())];
}

function line(told, label, act) {
  const button = label ? el("button", { type: "button", class: "quiet", on: { click: act } }, label) : null;
  return el("div", { class: "trouble" }, el("p", {}, told), button);
}

/** Where the focus goes when what had it has gone. */
function home(how = {}) {
  if (state.view === "paper" && view.grid.current !== null) view.grid.focus(how);
  else if (state.view === "paper") byId("reading-title").focus(how);
  else byId("main").focus();
}

// Signing in.

async function enter(event) {
  event.preventDefault();
  const secret = byId("token").value.trim();
  byId("sign-in-trouble").textContent = "";
  if (!secret) {
    byId("sign-in-trouble").textContent = "Paste a token first.";
    byId("token").focus();
    return;
  }
  try {
    // A header takes no other signs, and no token has any.
    if (/[^\x21-\x7e]/.test(secret)) throw new Problem("That is no token; copy it again.", 401, "unknown-token");
    await session.enter(secret);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    byId("sign-in-trouble").textContent = plain(error.message);
    byId("token").focus();
    return;
  }
  byId("token").value = "";
  signedIn();
}

function signedIn() {
  const { name, role, expires_at: until } = session.me;
  byId("who-name").replaceChildren(foreign(name), ` (${role})`);
  byId("who-name").title = until ? `until ${new Date(until).toLocaleString()}` : "";
  byId("sign-in").hidden = true;
  byId("who").hidden = byId("nav").hidden = byId("counts").hidden = false;
  fine("session");
  say("Signed in as ", foreign(name), ", ", role, ".");
  outbox.pump();
  route();
}

function signedOut(error) {
  session.me = null;
  state.leaving = null;
  const number = outbox.all.length;
  const kept = number ? ` ${counted(number, "decision")} ${number === 1 ? "is" : "are"} kept in this tab, and sent when you sign in.` : "";
  showSignIn(plain(error.message) + kept);
  say("Sign in again.", kept);
}

function showSignIn(told = "") {
  for (const id of Object.values(VIEWS).flat()) byId(id).hidden = true;
  for (const id of ["who", "nav", "counts", "acts"]) byId(id).hidden = true;
  byId("conflict").replaceChildren();
  document.querySelector("dialog[open]")?.close();
  document.body.dataset.view = state.view = "start";
  byId("sign-in").hidden = false;
  byId("sign-in-trouble").textContent = told;
  showTrouble();
  byId("token").focus();
}

async function leave() {
  await giveBack();
  session.leave();
  troubles.clear();
  view.paper = null;
  showSignIn();
  say("Signed out.");
}

// Where we are: the address says it, so that a reload and the browser's keys work.

function route() {
  if (!session.me) return;
  const [, where = "queue", id] = location.hash.split("/");
  if (where === "paper" && id) {
    open(decoded(id));
  } else if (where === "paper" && view.paper) {
    go(view.paper.id);
  } else if (where === "agreement") {
    show("agreement");
    showAgreement(byId("agreement-body")).then(
      () => fine("agreement"),
      (error) => failed("agreement", error, route),
    );
  } else {
    show("queue");
    queue.first().then((answer) => answer && fine("queue"));
  }
}

function decoded(id) {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function go(id) {
  const hash = `#/paper/${encodeURIComponent(id)}`;
  if (location.hash === hash) open(id);
  else location.hash = hash;
}

function show(name) {
  const isNew = state.view !== name;
  document.body.dataset.view = state.view = name;
  for (const [other, ids] of Object.entries(VIEWS)) for (const id of ids) byId(id).hidden = other !== name;
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("to-paper").hidden = !view.paper;
  byId("acts").hidden = name !== "paper";
  for (const button of byId("acts").querySelectorAll("button")) {
    const isForAll = ["act-back", "act-on", "act-keys"].includes(button.id);
    button.setAttribute("aria-disabled", String(!session.decides && !isForAll));
  }
  showConflict();
  showTrouble();
  const isLost = document.activeElement === document.body || document.activeElement?.closest("[hidden]");
  if (name !== "paper" && (isNew || isLost)) byId(`${name}-head`).focus();
}

function showCounts(counts) {
  for (const name of ["open", "skipped", "done"]) byId(`count-${name}`).textContent = (counts[name] ?? 0).toLocaleString("en");
}

// Papers.

async function open(id) {
  state.leaving = null;
  if (view.paper?.id === id && state.claimed === id && state.view !== "paper") put(view.paper);
  await load(id, { isNew: true });
}

/** Look a paper up and put it on the desk; unless another was asked for meanwhile. */
async function load(id, { isNew = false } = {}) {
  const turn = (state.asked += 1);
  const again = () => load(id, { isNew });
  try {
    const paper = await ask(`/v1/review/papers/${id.split("/").map(encodeURIComponent).join("/")}`);
    if (turn !== state.asked || !session.me) return;
    fine("paper");
    if (isNew || view.paper?.id === id) put(paper);
  } catch (error) {
    if (turn === state.asked) failed("paper", error, again);
  }
}

function put(paper) {
  const isOther = view.paper?.id !== paper.id || state.view !== "paper";
  view.show(paper);
  document.title = `${plain(paper.title || paper.id)} · Curators’ desk`;
  byId("give-back").hidden = state.claimed !== paper.id;
  if (isOther) {
    show("paper");
    scrollTo({ top: 0 });
    home({ preventScroll: true }); // the text comes first
  }
  showConflict();
  showTrouble();
}

async function next() {
  if (state.isAsking) return;
  state.isAsking = true;
  const turn = (state.asked += 1);
  try {
    const body = { order: byId("order").value, second: byId("second").checked };
    const { paper, counts } = await ask("/v1/review/next", { body });
    fine("next");
    showCounts(counts);
    state.leaving = null;
    if (turn !== state.asked) return;
    if (paper === null) {
      location.hash = "#/queue";
      say(body.second ? "No paper waits for a second opinion." : "No paper waits.");
      return;
    }
    state.claimed = paper.id;
    history.pushState(null, "", `#/paper/${encodeURIComponent(paper.id)}`);
    const isSame = view.paper?.id === paper.id && state.view === "paper";
    put(paper);
    say(isSame ? "This is the only paper that waits." : ["Next: ", foreign(paper.title || paper.id)]);
  } catch (error) {
    state.leaving = null;
    failed("next", error, next);
  } finally {
    state.isAsking = false;
  }
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
  if (!view.paper || state.view !== "paper") return false;
  if (!session.decides) say("Your token is a reader’s; decisions need a curator’s.");
  return session.decides && state.leaving === null && !state.isAsking;
}

/** Send a decision on a concept, or on the paper. */
function decide(action, concept = null, { other = null, text = "", undoes = null, words = null } = {}) {
  if (!mayDecide()) return null;
  const decision = { action, text };
  if (concept) decision.concept = concept.uri;
  if (other) decision.other = other.uri;
  if (undoes !== null) decision.undoes = undoes;
  const names = { concept: words ?? concept?.label ?? null, other: other?.label ?? null };
  const isHeld = outbox.of(view.paper.id).some(({ state: is }) => is === "held");
  const sent = outbox.add({ paper: view.paper, decision, names });
  if (isHeld) say("Held with your other decisions: somebody was faster. Press m to record yours, too.");
  showConflict();
  return sent;
}

function swap(concept, other) {
  byId("swap-box").close();
  if (decide("swap", concept, { other })) view.grid.choose(concept.uri, { focus: true });
}

function add(concept) {
  const there = view.standing(concept.uri);
  const isLabel = there && ["accepted", "added"].includes(there.status);
  if (isLabel) say(foreign(concept.label), " is there already.");
  else decide("add", concept);
  if (view.grid.uris.includes(concept.uri)) view.grid.choose(concept.uri, { focus: true });
  else home();
}

function undo(last) {
  if (!mayDecide()) return;
  if (!last) say("There is nothing of yours to undo on this paper.");
  else decide("undo", null, last);
}

function leaveAs(action) {
  if (!mayDecide()) return;
  const { paper } = view;
  const last = paper.events.at(-1);
  const isSaid = last?.action === action && last.who === session.me.name && outbox.of(paper.id).length === 0;
  if (isSaid) {
    next();
    return;
  }
  const sent = decide(action);
  if (sent && sent.state !== "held") state.leaving = sent.key;
}

function saved(sent, answer) {
  const own = Math.max(...answer.events.map(({ seq }) => seq));
  const others = answer.paper.events.filter(({ seq, who }) => seq > own && who !== sent.who);
  if (view.paper?.id === sent.paper && answer.paper.seq >= view.paper.seq) put(answer.paper);
  const told = answer.events.map((event) => deed(event, answer.paper.events));
  say("Saved: ", told, others.length ? [". Meanwhile: ", deeds(others, answer.paper.events)] : "", ".");
  if (state.leaving === sent.key) {
    state.claimed = null;
    next();
  }
}

function held(sent) {
  state.leaving = null;
  say("Not saved: somebody was faster.");
  if (view.paper?.id === sent.paper) load(sent.paper);
  showConflict();
}

/** What somebody else did since one looked, and what to do about one's own decisions. */
function showConflict() {
  const region = byId("conflict");
  const mine = view.paper && state.view === "paper" ? outbox.of(view.paper.id).filter(({ state: is }) => is === "held") : [];
  if (mine.length === 0) {
    const hadFocus = region.contains(document.activeElement);
    region.replaceChildren();
    if (hadFocus) home();
    return;
  }
  const since = mine[0].since;
  const names = [...new Set(since.map(({ who }) => who))];
  const isSelf = names.length === 1 && names[0] === session.me?.name;
  const who = names.length ? names.flatMap((name, at) => [at ? " and " : null, foreign(name)]) : ["The desk"];
  const acts = CONFLICT_ACTS.map(({ name, title, keys }) => {
    const button = { type: "button", class: name === "mine" ? "main" : "quiet", id: `act-${name}`, "aria-keyshortcuts": keys[0], on: { click: () => run(name) } };
    return el("button", button, title, " ", el("kbd", { "aria-hidden": "true" }, keys[0]));
  });
  const focused = region.contains(document.activeElement) ? document.activeElement.id : null;
  const notice = el(
    "div",
    { class: "notice" },
    el("h2", {}, isSelf ? ["You were faster, in another tab"] : [who, " was faster"]),
    el("p", {}, "Since you looked at this paper: ", since.length ? deeds(since, view.paper.events) : "it has changed", "."),
    el("p", {}, "Not saved, and kept here: ", mine.flatMap((sent, at) => [at ? "; " : null, el("b", {}, wish(sent))]), "."),
    el("div", { class: "actions" }, acts),
  );
  if (region.textContent === notice.textContent) return; // nothing new to be read out
  region.replaceChildren(notice);
  if (focused) byId(focused)?.focus();
}

function deeds(events, all) {
  return events.flatMap((event, at) => [at ? "; " : null, foreign(event.who), " ", deed(event, all)]);
}

// Keys and buttons.

function run(name) {
  const { current } = view;
  if (name === "keys") byId("keys-box").showModal();
  if (state.view === "queue" && name === "done") next();
  if (state.view !== "paper") return;
  if (name === "back") view.grid.step(-1);
  if (name === "on") view.grid.step(1);
  if (["accept", "reject"].includes(name) && current) decide(name, current);
  if (name === "swap" && current && mayDecide()) openSwap(current);
  if (name === "add" && mayDecide()) byId("search").focus();
  if (name === "note" && mayDecide()) openNote();
  if (name === "undo") undo(view.lastOwn());
  if (name === "skip") leaveAs("skip");
  if (name === "done") leaveAs("done");
  const isHeld = byId("conflict").hasChildNodes();
  if (name === "mine" && isHeld) {
    outbox.apply(view.paper.id, view.paper.seq);
    showConflict();
  }
  if (name === "leave" && isHeld) {
    outbox.drop(view.paper.id);
    showConflict();
    say("Your decisions were dropped; the paper stays as it is.");
  }
}

function openSwap(standing) {
  if (standing.id === null) {
    say("It is not saved yet.");
    return;
  }
  byId("swap-head").replaceChildren("Swap ", foreign(standing.label), " for …");
  byId("swap-near").replaceChildren(el("p", { class: "hint" }, "Looking it up …"));
  byId("swap-box").dataset.uri = standing.uri;
  byId("swap-search").value = "";
  byId("swap-box").showModal();
  byId("swap-search").focus();
  view.near(standing, (other) => swap(standing, other)).then(
    (near) => byId("swap-near").replaceChildren(near),
    (error) => byId("swap-near").replaceChildren(el("p", { class: "hint" }, plain(error.message))),
  );
}

function openNote() {
  byId("note").value = draftOf(view.paper.id);
  byId("note-box").showModal();
  byId("note").focus();
}

function saveNote() {
  const text = byId("note").value.trim();
  const isSent = text && decide("note", null, { text: text.toWellFormed?.() ?? text });
  if (!isSent) {
    byId("note").focus();
    return;
  }
  keepDraft(view.paper.id, "");
  byId("note-box").close();
}

function draftOf(paper) {
  try {
    const { id, text } = JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");
    return id === paper ? text : "";
  } catch {
    return "";
  }
}

function keepDraft(id, text) {
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify({ id, text }));
  } catch {
    // Nothing can be kept here.
  }
}

// Wiring.

showActs(run);
byId("sign-in-form").addEventListener("submit", enter);
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
conceptSearch(byId("search"), { choose: add });
conceptSearch(byId("swap-search"), {
  choose: (other) => {
    const standing = view.standing(byId("swap-box").dataset.uri);
    if (standing?.uri === other.uri) say("That is the same concept.");
    else if (standing) swap(standing, other);
  },
});
byId("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) home();
});
byId("note-form").addEventListener("submit", (event) => {
  event.preventDefault();
  saveNote();
});
byId("note").addEventListener("input", (event) => keepDraft(view.paper.id, event.target.value));
byId("note").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    saveNote();
  }
});
byId("note-close").addEventListener("click", () => byId("note-box").close());
for (const id of ["swap-box", "note-box", "keys-box"]) byId(id).addEventListener("close", () => state.view === "paper" && home());
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
  if (!session.me) return;
  const name = actOf(event);
  if (name === null) return;
  event.preventDefault();
  run(name);
});
addEventListener("hashchange", route);
addEventListener("popstate", () => {
  const [, where, id] = location.hash.split("/");
  if (where === "paper" && id && session.me && decoded(id) !== view.paper?.id) open(decoded(id));
});
addEventListener("online", () => outbox.pump());
addEventListener("beforeunload", (event) => {
  if (outbox.all.length > 0) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const isShown = document.visibilityState === "visible" && session.me && state.view === "paper" && view.paper;
  if (isShown && outbox.of(view.paper.id).length === 0) load(view.paper.id);
});
byId("order").addEventListener("change", () => {
  try {
    sessionStorage.setItem(ORDER, byId("order").value);
  } catch {
    // Nothing can be kept here.
  }
});

async function begin() {
  try {
    byId("order").value = sessionStorage.getItem(ORDER) ?? "uncertainty";
  } catch {
    // Nothing was kept.
  }
  if (!session.hasToken) {
    showSignIn();
    return;
  }
  try {
    await session.look();
    fine("session");
    signedIn();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) {
      session.leave();
      signedOut(error);
    } else if (error.kind === "no-desk") {
      trouble("session", plain(error.message), { label: "Try again", again: begin });
    } else {
      trouble("session", plain(error.message), { label: "Try again", again: begin });
      setTimeout(() => session.me || begin(), 3000);
    }
  }
}

begin();
