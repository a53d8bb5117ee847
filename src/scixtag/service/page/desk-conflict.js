// Somebody else was faster: what they did, and what to do about one's own decisions.

import { byId, el, foreign } from "./dom.js";
import { CONFLICT_ACTS } from "./desk-keys.js";
import { deeds, wish } from "./desk-words.js";

/**
 * Show what is held on a paper, or nothing.
 *
 * @param {HTMLElement} region With `role="alert"`.
 * @param {object[]} mine Decisions that are held, in order.
 * @param {object} paper As it is now.
 * @param {{me: string|null, run: (act: string) => void, home: () => void}} told
 */
export function showConflict(region, mine, paper, { me, run, home }) {
  const focused = region.contains(document.activeElement) ? document.activeElement.id : null;
  if (mine.length === 0) {
    region.replaceChildren();
    if (focused !== null) home();
    return;
  }
  const since = sinceOf(mine[0], paper);
  const notice = el(
    "div",
    { class: "notice" },
    el("h2", {}, headOf(since, me)),
    el("p", {}, "Since you looked at this paper: ", since.length ? deeds(since, paper.events) : "it has changed", "."),
    el("p", {}, "Not saved, and kept here: ", mine.flatMap((sent, at) => [at ? "; " : null, el("b", {}, wish(sent))]), "."),
    el("div", { class: "actions" }, CONFLICT_ACTS.map((act) => buttonOf(act, run))),
  );
  if (region.textContent === notice.textContent) return; // nothing new to be read out
  region.replaceChildren(notice);
  region.scrollIntoView({ block: "nearest" });
  if (focused) byId(focused)?.focus();
}

/** What happened since: as the paper tells it now, or as the service told when it refused. */
function sinceOf({ expected, since }, paper) {
  const isLooked = expected !== null && paper.seq > expected;
  return isLooked ? paper.events.filter(({ seq }) => seq > expected) : since;
}

function headOf(since, me) {
  const names = [...new Set(since.map(({ who }) => who))];
  if (names.length === 1 && names[0] === me) return "You were faster, in another tab";
  return [names.length ? names.flatMap((name, at) => [at ? " and " : null, foreign(name)]) : "The desk", " was faster"];
}

function buttonOf({ name, title, keys: [key] }, run) {
  const attributes = {
    type: "button",
    class: name === "mine" ? "main" : "quiet",
    id: `act-${name}`,
    "aria-keyshortcuts": key,
    on: { click: () => run(name) },
  };
  return el("button", attributes, title, " ", el("kbd", { "aria-hidden": "true" }, key));
}
