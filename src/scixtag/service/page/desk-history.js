// What happened to a paper.

import { el, foreign, plain } from "./dom.js";
import { deed, moment, textOf } from "./desk-words.js";

/**
 * Show events, the last one first.
 *
 * @param {HTMLElement} list
 * @param {object[]} events Of a paper.
 * @param {{me: string|null, undo: (event: object) => void}} told One's own can be undone.
 */
export function showHistory(list, events, { me, undo }) {
  const hadFocus = document.activeElement?.dataset?.event ?? null;
  const items = [...events].reverse().map((event) => {
    const words = deed(event, events);
    const isOwn = event.who === me && !event.undone && event.action !== "undo";
    const label = `Undo: ${plain(textOf(words))}`;
    const button = el(
      "button",
      { type: "button", class: "quiet small-button", "data-event": event.seq, "aria-label": label, on: { click: () => undo(event) } },
      "Undo",
    );
    const told = el("span", { class: "told" }, el("b", {}, foreign(event.who)), " ", words, event.undone ? " (taken back)" : null);
    return el("li", { class: event.undone ? "event undone" : "event" }, told, moment(event.at), isOwn ? button : null);
  });
  list.replaceChildren(...(items.length ? items : [el("li", { class: "hint" }, "Nothing was decided yet.")]));
  if (hadFocus === null) return;
  const again = list.querySelector(`[data-event="${CSS.escape(hadFocus)}"]`) ?? list.querySelector("button") ?? list;
  again.focus();
}
