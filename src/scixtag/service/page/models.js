// Which models there are, and what the one that answers was made of.

import { byId, counted, el, foreign, plain } from "./dom.js";

/**
 * Show the choice of models, and what is to be said of the chosen one.
 *
 * @param {object[]} models Of /v1/models; the first one answers where none is named.
 * @param {string|null} wanted The name of the chosen one.
 */
export function showModels(models, wanted) {
  const one = models.find(({ name }) => name === wanted) ?? models[0];
  const choice = byId("model");
  choice.replaceChildren(...models.map(({ name }) => el("option", { value: name }, plain(name))));
  choice.value = one.name;
  byId("model-field").hidden = models.length < 2;
  const { name, kind, vocabulary, training } = one;
  const parts = [
    ["Model ", foreign(name), ` (${plain(kind)}`, training.papers ? `, ${counted(training.papers, "paper")})` : ")"],
    [foreign(vocabulary.title), " ", foreign(vocabulary.release), `, ${counted(vocabulary.concepts, "concept")}`],
  ];
  byId("about").replaceChildren(...parts[0], " · ", ...parts[1], ".");
}
