// A concept for people: what it means, where it stands, why it was suggested.

import { ask } from "./api.js";
import { counted, el, foreign, link, percent, plain } from "./dom.js";

const FEW = 12;

/** Concepts of /v1/concepts/{id}, asked for once. */
export class Concepts {
  #known = new Map();

  /** The document, if it is known already. */
  known(id, model) {
    return this.#known.get(`${model ?? ""} ${id}`);
  }

  /** The document; @throws {Problem} */
  async get(id, model) {
    const key = `${model ?? ""} ${id}`;
    if (!this.#known.has(key)) {
      const query = model ? `?${new URLSearchParams({ model })}` : "";
      this.#known.set(key, await ask(`/v1/concepts/${encodeURIComponent(id)}${query}`));
    }
    return this.#known.get(key);
  }
}

/**
 * What a concept means and what is around it.
 *
 * @param {object} concept Of /v1/concepts/{id}.
 * @param {((other: {id: number|string, label: string}) => void)|null} swap Called with what is to be taken instead;
 *   null where nobody may swap.
 */
export function conceptView(concept, swap) {
  return el(
    "div",
    { class: "concept" },
    concept.deprecated
      ? el("p", { class: "warning" }, "Deprecated in this vocabulary.", swap && concept.successors.length ? " Swap it:" : null)
      : null,
    swaps("To be used instead", concept.successors, swap),
    concept.definition
      ? el("p", { class: "definition" }, foreign(concept.definition))
      : el("p", { class: "hint" }, "The vocabulary does not define it."),
    concept.alternatives.length ? el("p", { class: "names" }, "Also: ", enumerated(concept.alternatives)) : null,
    pathView(concept.path),
    swaps("Broader", concept.parents, swap),
    swaps("Beside it", concept.siblings, swap),
    swaps("Narrower", concept.children, swap),
    swaps("Related", concept.related, swap),
    el("p", { class: "address" }, link(concept.uri)),
  );
}

/**
 * Why a concept was suggested.
 *
 * @param {object|null} explanation Of a suggestion; docs/explanations.md.
 * @param {(evidence: object) => void} show Called with an evidence whose place in the text is wanted.
 */
export function explanationView(explanation, show) {
  const { evidence, similar_papers: similar, reasons } = explanation;
  const parts = [];
  if (evidence.length) {
    const phrases = evidence.map((one) => el("li", {}, phraseOf(one, show)));
    parts.push(el("h4", {}, "In the text, with shares of the evidence"), el("ul", { class: "chips" }, phrases));
  } else {
    parts.push(el("p", { class: "hint" }, "No single word of the text speaks for it."));
  }
  if (similar) parts.push(similarView(similar));
  if (reasons.length) parts.push(reasonsView(reasons));
  return el("div", { class: "explanation" }, parts);
}

/** Names from the top of a vocabulary down to a concept. */
export function pathView(path) {
  const steps = path.map((name) => el("li", {}, foreign(name)));
  return el("ol", { class: "path", "aria-label": "Place in the hierarchy, from the top" }, steps);
}

function enumerated(names) {
  return names.flatMap((name, place) => [place ? ", " : null, foreign(name)]);
}

function swaps(title, concepts, swap) {
  if (concepts.length === 0) return null;
  const items = concepts.map((other) => {
    const label = `Swap for ${plain(other.label)}`;
    const name = [foreign(other.label), other.deprecated ? " (deprecated)" : null];
    if (swap === null) return el("li", { class: "chip", tabindex: "-1" }, name);
    const acting = { type: "button", class: "chip", "aria-label": label, title: label, on: { click: () => swap(other) } };
    return el("li", {}, el("button", acting, name));
  });
  const list = el("ul", { class: "chips" }, items.slice(0, FEW));
  const rest = items.slice(FEW);
  const more = el("button", { type: "button", class: "quiet more" }, `${rest.length} more`);
  more.addEventListener("click", () => {
    list.append(...rest);
    more.remove();
    (rest[0].querySelector("button") ?? rest[0]).focus();
  });
  const group = { class: "swaps", role: "group", "aria-label": title };
  return el("div", group, el("h4", {}, title), list, rest.length ? more : null);
}

function phraseOf(one, show) {
  const what = one.source === "name" ? "a name of it" : "a word of its papers";
  return el(
    "button",
    { type: "button", class: "chip phrase", title: `Show it in the text (${what})`, on: { click: () => show(one) } },
    "“",
    foreign(one.words),
    one.times > 1 ? `” × ${one.times.toLocaleString("en")} ` : "” ",
    el("span", { class: "weight" }, percent(one.weight)),
    one.source === "name" ? [" ", el("span", { class: "source" }, "name")] : null,
  );
}

function similarView({ looked_at: lookedAt, carrying, closest }) {
  const told = carrying
    ? `${carrying} of the ${counted(lookedAt, "most similar paper")} that the model has learned from carry it.`
    : `None of the ${counted(lookedAt, "most similar paper")} that the model has learned from carries it.`;
  const named = closest.filter((paper) => paper.title);
  const items = named.map((paper) =>
    el("li", {}, foreign(paper.title), el("span", { class: "hint" }, " ", foreign(paper.id))),
  );
  const list = items.length ? el("ul", { class: "papers" }, items) : null;
  return el("div", {}, el("h4", {}, "Similar papers"), el("p", {}, told), list);
}

function reasonsView(reasons) {
  const items = reasons.map(({ topic, log_odds: odds }) => {
    const amount = `${odds < 0 ? "−" : "+"}${Math.abs(odds).toFixed(1)}`;
    return el("li", { class: odds < 0 ? "against" : "for" }, topic, " ", el("span", { class: "weight" }, amount));
  });
  const title = "What moved the ranker (log-odds)";
  return el("details", {}, el("summary", {}, title), el("ul", { class: "reasons" }, items));
}
