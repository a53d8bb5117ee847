// How far curators agree with one another, and with the model week by week.

import { ask } from "./api.js";
import { counted, el, foreign, percent } from "./dom.js";

/** Look it up and show it; @throws {Problem} */
export async function showAgreement(place) {
  const { curators, weeks } = await ask("/v1/review/agreement");
  const alpha = curators.alpha === null ? "–" : curators.alpha.toFixed(2);
  place.replaceChildren(
    el("h3", {}, "With the model, by week"),
    weeks.length
      ? table(
          "With the model, by week",
          ["Week", "Model", "Papers", "Precision", "Added per paper"],
          2,
          weeks.map((week) => [
            week.week,
            foreign(week.model),
            week.papers.toLocaleString("en"),
            week.precision === null ? "–" : percent(week.precision),
            week.added_per_paper.toFixed(2),
          ]),
        )
      : el("p", { class: "hint" }, "No paper with suggestions is done yet."),
    el("p", { class: "hint" }, "Precision: the share of the model’s concepts that curators kept. Added: labels that it had not taken."),
    el("h3", {}, "Curators with one another"),
    curators.pairs.length
      ? table(
          "Curators with one another",
          ["Curators", "Papers", "Alike", "Kappa", "F1"],
          1,
          curators.pairs.map((pair) => [
            [foreign(pair.first), " and ", foreign(pair.second)],
            pair.papers.toLocaleString("en"),
            percent(pair.observed),
            pair.kappa === null ? "–" : pair.kappa.toFixed(2),
            pair.mean_f1.toFixed(2),
          ]),
        )
      : el("p", { class: "hint" }, "No paper was done by two curators yet; “second opinion” in the queue leads to such."),
    el("p", { class: "hint" }, `Krippendorff’s alpha: ${alpha}, ${counted(curators.papers, "paper")} with two curators or more.`),
  );
}

/** `from`: the first column of numbers. */
function table(name, heads, from, rows) {
  const side = (at) => (at >= from ? "right" : null);
  const head = heads.map((title, at) => el("th", { scope: "col", class: side(at) }, title));
  const cellOf = (cell, at) => el(at ? "td" : "th", { scope: at ? null : "row", class: side(at) }, cell);
  const body = rows.map((row) => el("tr", {}, row.map(cellOf)));
  const numbers = el("table", { class: "numbers" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body));
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": name }, numbers);
}
