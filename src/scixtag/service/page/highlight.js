// Evidence in a text.

import { el, visible } from "./dom.js";

/**
 * A text as nodes, with evidence marked.
 *
 * @param {string} text As the model read it.
 * @param {{start: number, end: number, weight: number, source: string}[]} spans In characters of Unicode, as the
 *   service counts them; where spans overlap, the weightier one is shown.
 * @returns {Node[]}
 */
export function marked(text, spans) {
  // Strings of JavaScript count some characters twice.
  const characters = Array.from(text);
  const cuts = new Set([0, characters.length]);
  for (const { start, end } of spans) {
    cuts.add(Math.min(start, characters.length)).add(Math.min(end, characters.length));
  }
  const places = [...cuts].sort((one, other) => one - other);
  const nodes = [];
  for (let i = 0; i + 1 < places.length; i += 1) {
    const [start, end] = [places[i], places[i + 1]];
    const piece = visible(characters.slice(start, end).join(""));
    const over = spans.filter((span) => span.start <= start && end <= span.end);
    if (over.length === 0) {
      nodes.push(...piece);
    } else {
      const best = over.reduce((one, other) => (other.weight > one.weight ? other : one));
      nodes.push(el("mark", { "data-weight": levelOf(best.weight), "data-source": best.source }, piece));
    }
  }
  return nodes;
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
