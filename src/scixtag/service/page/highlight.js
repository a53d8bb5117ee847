// Evidence in a text.

import { el, isOdd, visible } from "./dom.js";

const AHEAD = 60; // characters, in which the texts meet again after markup
const ALIKE = 4; // characters that say that they have met

/**
 * A text as nodes, with evidence marked.
 *
 * @param {{characters: string[], odd: string[]}} text As the model read it; `withOdd`.
 * @param {{start: number, end: number, weight: number, source: string}[]} spans In characters of Unicode, as the
 *   service counts them; where spans overlap, the weightier one is shown.
 * @returns {Node[]}
 */
export function marked({ characters, odd }, spans) {
  const cuts = new Set([0, characters.length]);
  for (const { start, end } of spans) {
    cuts.add(Math.min(start, characters.length)).add(Math.min(end, characters.length));
  }
  const places = [...cuts].sort((one, other) => one - other);
  const nodes = [];
  for (let i = 0; i + 1 < places.length; i += 1) {
    const [start, end] = [places[i], places[i + 1]];
    const inside = characters.slice(start + 1, end).map((character, i) => odd[start + 1 + i] + character);
    const piece = visible(characters[start] + inside.join(""));
    nodes.push(...visible(odd[start]));
    const over = spans.filter((span) => span.start <= start && end <= span.end);
    if (over.length === 0) {
      nodes.push(...piece);
    } else {
      const best = over.reduce((one, other) => (other.weight > one.weight ? other : one));
      nodes.push(el("mark", { "data-weight": levelOf(best.weight), "data-source": best.source }, piece));
    }
  }
  nodes.push(...visible(odd.at(-1)));
  return nodes;
}

/**
 * The characters of a text as the model read it, and the odd ones that stand before each, and at the end, in the text as
 * given: the model passes over them, people shall see them.
 *
 * @param {string} read
 * @param {string} given
 * @returns {{characters: string[], odd: string[]}} Characters of Unicode: strings of JavaScript count some twice.
 */
export function withOdd(read, given) {
  const characters = Array.from(read);
  const all = Array.from(given);
  const odd = new Array(characters.length + 1).fill("");
  if (!all.some(isOdd)) return { characters, odd };
  let at = 0;
  all.forEach((character, place) => {
    if (isOdd(character)) odd[at] += character;
    else if (isAlike(character, characters[at])) at += 1;
    else at = meeting(all, place, characters, at);
  });
  return { characters, odd };
}

/** Where the text as read goes on as the given one does from a place; where it was, if nowhere near. */
function meeting(all, place, characters, at) {
  const next = [];
  for (let i = place; i < all.length && next.length < ALIKE; i += 1) if (!isOdd(all[i])) next.push(all[i]);
  for (let start = at + 1; start < at + AHEAD; start += 1) {
    if (next.every((character, i) => isAlike(character, characters[start + i]))) return start + 1;
  }
  return at;
}

function isAlike(one, other) {
  return one === other || (other === " " && /\s/.test(one));
}

/** The spans of an explanation's evidence that stand in a field: "title" or "abstract". */
export function spansIn(field, explanation) {
  return (explanation?.evidence ?? []).flatMap(({ weight, source, spans }) =>
    spans.filter((span) => span.field === field).map(({ start, end }) => ({ start, end, weight, source })),
  );
}

function levelOf(weight) {
  if (weight >= 0.3) return "3";
  return weight >= 0.1 ? "2" : "1";
}
