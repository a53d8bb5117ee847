// What curators did, in words.

import { el, foreign } from "./dom.js";

const PAST = { accept: "accepted", reject: "rejected", add: "added", note: "noted", skip: "skipped it", done: "said: done" };

/** A sentence without a subject: "accepted Quasars". */
export function deed({ action, concept, other, text, undoes }, events = []) {
  const [one, two] = [concept, other].map((name) => (name === null || name === undefined ? null : foreign(name.label ?? name)));
  const why = text && action !== "note" ? [": “", foreign(text), "”"] : [];
  if (action === "swap") return ["swapped ", one, " for ", two, why];
  if (action === "note") return ["noted: “", foreign(text), "”"];
  if (action === "undo") {
    const taken = events.find(({ seq }) => seq === undoes);
    return ["took back: ", taken && taken.action !== "undo" ? deed(taken, events) : "a decision"];
  }
  return [PAST[action] ?? action, one ? [" ", one] : [], why];
}

/** The same for what is wished: "accept Quasars". */
export function wish({ decision: { action, text }, names }) {
  const [one, two] = [names.concept, names.other].map((name) => (name ? foreign(name) : null));
  if (action === "swap") return ["swap ", one, " for ", two];
  if (action === "note") return ["note “", foreign(text), "”"];
  if (action === "undo") return ["undo: ", one ?? "a decision"];
  if (action === "done") return ["say: done"];
  if (action === "skip") return ["skip it"];
  return [action, " ", one];
}

/** A moment as people read it. */
export function moment(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return foreign(at);
  const isToday = date.toDateString() === new Date().toDateString();
  const told = isToday
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
  return el("time", { datetime: at, title: date.toLocaleString() }, told);
}

/** Parts of a message as plain text. */
export function textOf(parts) {
  return [parts].flat(Infinity).map((part) => (part === null || part === undefined ? "" : (part.textContent ?? String(part)))).join("");
}

/** What several curators did, one after the other. */
export function deeds(events, all) {
  return events.flatMap((event, at) => [at ? "; " : null, foreign(event.who), " ", deed(event, all)]);
}
