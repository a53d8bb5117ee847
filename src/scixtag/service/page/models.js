// Which models there are, and what the one that answers was made of.

import { byId, counted, el, foreign, plain } from "./dom.js";

/**
 * Show the choice of models, and what is to be said of the one that has answered, or would.
 *
 * @param {object[]} models Of /v1/models; the first one answers where none is named.
 * @param {string|null} wanted The name of the chosen one.
 * @param {string|null} answered The name of the one whose answer is shown.
 */
export function showModels(models, wanted, answered) {
  const known = (name) => models.find((model) => model.name === name);
  const chosen = known(wanted) ?? models[0];
  const one = known(answered) ?? chosen;
  const choice = byId("model");
  choice.replaceChildren(...models.map(({ name }) => el("option", { value: name }, plain(name))));
  choice.value = chosen.name;
  byId("model-field").hidden = models.length < 2;
  const { name, kind, vocabulary, training } = one;
  const parts = [
    ["Model ", foreign(name), ` (${plain(kind)}`, training.papers ? `, ${counted(training.papers, "paper")})` : ")"],
    [foreign(vocabulary.title), " ", foreign(vocabulary.release), `, ${counted(vocabulary.concepts, "concept")}`],
  ];
  byId("about").replaceChildren(...parts[0], " · ", ...parts[1], ".");
}
