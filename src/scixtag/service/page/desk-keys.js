// Every key of the desk, and the button that does the same.

import { byId, el } from "./dom.js";

const OFF = "scixtag-desk-keys-off";

/**
 * What one can do with a paper.
 *
 * @typedef {{name: string, keys: string[], title: string, sign: string, told: string, repeats?: boolean, forAll?: boolean}} Act
 *   `forAll`: readers may do it, too.
 * @type {Act[]}
 */
export const ACTS = [
  { name: "back", keys: ["k", "ArrowUp"], title: "Up", sign: "↑", told: "the concept above", repeats: true, forAll: true },
  { name: "on", keys: ["j", "ArrowDown"], title: "Down", sign: "↓", told: "the concept below", repeats: true, forAll: true },
  { name: "accept", keys: ["a"], title: "Accept", sign: "✓", told: "accept the concept" },
  { name: "reject", keys: ["r"], title: "Reject", sign: "✕", told: "reject it" },
  { name: "swap", keys: ["s"], title: "Swap", sign: "⇄", told: "swap it for another: search, or what is near" },
  { name: "add", keys: ["+", "/"], title: "Add", sign: "+", told: "add a concept by search" },
  { name: "note", keys: ["n"], title: "Note", sign: "✎", told: "write a note" },
  { name: "undo", keys: ["u"], title: "Undo", sign: "↶", told: "undo your last decision on this paper" },
  { name: "skip", keys: ["x"], title: "Skip", sign: "⤼", told: "skip the paper, next one" },
  { name: "done", keys: ["d", "Enter"], title: "Done, next", sign: "⏎", told: "the paper is done, next one" },
  { name: "keys", keys: ["?"], title: "Keys", sign: "?", told: "show these keys", forAll: true },
];
/** In the queue. */
export const QUEUE_ACTS = [{ name: "find", keys: ["/"], title: "Find", sign: "", told: "in the queue: find a paper" }];
/** While somebody else was faster. */
export const CONFLICT_ACTS = [
  { name: "mine", keys: ["m"], title: "Record mine, too", sign: "", told: "after a conflict: record your decisions, too" },
  { name: "leave", keys: ["l"], title: "Leave it so", sign: "", told: "after a conflict: drop your decisions" },
];

const NAMES = { ArrowUp: "↑", ArrowDown: "↓", Enter: "Enter" };

/** Whether single keys decide. */
export function keysAreOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

/** Fill the toolbar and the list of keys. */
export function showActs(run) {
  const buttons = ACTS.map(({ name, keys, title, sign, told, forAll }) => {
    const attributes = {
      type: "button",
      class: name === "done" ? "act main" : "act",
      id: `act-${name}`,
      title: `${told} (${keys.map(nameOf).join(" or ")})`,
      "aria-keyshortcuts": keys.join(" "),
      "data-needs": forAll ? null : "curator",
      on: { click: () => run(name) },
    };
    const glyph = el("span", { class: "glyph", "aria-hidden": "true" }, sign);
    const key = el("kbd", { "aria-hidden": "true" }, nameOf(keys[0]));
    return el("button", attributes, glyph, el("span", { class: "title" }, title), key);
  });
  byId("acts").replaceChildren(...buttons);
  const lines = [...ACTS, ...QUEUE_ACTS, ...CONFLICT_ACTS].map(({ keys, told }) =>
    el("div", {}, el("dt", {}, keys.map((key, at) => [at ? " " : null, el("kbd", {}, nameOf(key))])), el("dd", {}, told)),
  );
  byId("keys").replaceChildren(...lines);
  const tick = byId("keys-on");
  tick.checked = keysAreOn();
  tick.addEventListener("change", () => {
    try {
      if (tick.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
    } catch {
      tick.checked = true; // nothing can be kept here
    }
  });
}

/** The act that a key stands for in a view, where it is not meant for a field or a button. */
export function actOf(event, view) {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return null;
  const { target, key } = event;
  if (document.querySelector("dialog[open]") || target.closest?.("input:not([type=checkbox]), textarea, select")) return null;
  const isOnControl = Boolean(target.closest?.("button, a, summary, [tabindex='0'].wide"));
  if (isOnControl && key === "Enter") return null;
  const isArrow = key.startsWith("Arrow");
  if (isArrow && target !== document.body && !target.closest?.("#standings, #acts")) return null;
  if (!isArrow && key !== "Enter" && !keysAreOn()) return null;
  const wanted = key.length === 1 ? key.toLowerCase() : key;
  const act = [...(view === "queue" ? QUEUE_ACTS : []), ...ACTS, ...CONFLICT_ACTS].find(({ keys }) => keys.includes(wanted));
  return act && (act.repeats || !event.repeat) ? act.name : null;
}

function nameOf(key) {
  return NAMES[key] ?? key;
}
