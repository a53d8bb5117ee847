// What is chosen, and how it changes: each function gives a patch for the state, or null where nothing changes.

import { same } from "./dom.js";

/** Keywords that the service writes at once. */
export const MOST = 100;

/** Whether a concept is chosen. */
export function isChosen({ chosen }, id) {
  return chosen.some((one) => same(one.id, id));
}

/** Whether the model's rule takes it; what the vocabulary has deprecated is for people to take. */
export function isTaken({ selected, deprecated }) {
  return selected && !deprecated;
}

/** Another answer: what the model's rule takes now, and what the author chose before, as its vocabulary has it. */
export function answered(state, answer, own) {
  const isSameVocabulary = state.answer?.vocabulary.fingerprint === answer.vocabulary.fingerprint;
  const refused = isSameVocabulary ? state.refused : [];
  const fresh = answer.suggestions.filter(
    (one) => isTaken(one) && !refused.some((id) => same(one.id, id)) && !isChosen({ chosen: own }, one.id),
  );
  const taken = fresh.map((one) => keyword(one, "model"));
  return { chosen: [...taken, ...own], refused };
}

/** One more; null: it is there, or there is no room. */
export function added(state, concept) {
  if (isChosen(state, concept.id) || state.chosen.length >= MOST) return null;
  const refused = state.refused.filter((one) => !same(one, concept.id));
  return { chosen: [...state.chosen, keyword(concept, "you")], refused };
}

/** One less. */
export function removed(state, { id }) {
  return { chosen: state.chosen.filter((one) => !same(one.id, id)), refused: refusing(state, id) };
}

/** One further up (by −1) or down (by 1). */
export function moved({ chosen }, { id }, by) {
  const order = [...chosen];
  const from = order.findIndex((one) => same(one.id, id));
  order.splice(from + by, 0, ...order.splice(from, 1));
  return { chosen: order };
}

/** One instead of another, or of what that was swapped for before; if it is chosen already, the other one goes. */
export function swapped(state, old, next) {
  const place = state.chosen.findIndex(({ id, insteadOf }) => same(id, old.id) || same(insteadOf, old.id));
  const refused = refusing(state, old.id);
  const others = state.chosen.filter((_, at) => at !== place);
  if (isChosen({ chosen: others }, next.id)) return { chosen: others, refused };
  const order = [...state.chosen];
  const one = keyword(next, "you", old.id);
  order.splice(place < 0 ? order.length : place, place < 0 ? 0 : 1, one);
  return { chosen: order, refused };
}

function keyword({ id, uri, label, deprecated = false }, by, insteadOf = null) {
  return { id, uri, label, deprecated, by, insteadOf };
}

function refusing({ refused }, id) {
  return refused.some((one) => same(one, id)) ? refused : [...refused, id];
}
