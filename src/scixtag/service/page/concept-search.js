// A field that finds concepts while one types (ARIA: a combobox with a list).

import { Latest, ask, isAbort } from "./api.js";
import { roomAround } from "./bar.js";
import { counted, el, foreign, plain } from "./dom.js";

const PAUSE = 120; // ms without a key, before the service is asked
const TALL = 304; // px of a list that has all the room that it wants
const LOW = 96; // px of one that has none: the page is scrolled for it
const GAP = 8; // px between the list and what it must not touch

/**
 * Make a field find concepts.
 *
 * @param {HTMLInputElement} input With a label; a list and a status are put behind it.
 * @param {{choose: (concept: object) => void, model?: () => string|null, standing?: (concept: object) => string|null,
 *   limit?: number}} options `choose` is given a concept of /v1/concepts; `standing` says of one that is there already
 *   what it is, such as "chosen".
 */
export function conceptSearch(input, { choose, model = () => null, standing = () => null, limit = 10 }) {
  const id = `${input.id}-list`;
  const list = el("ul", { id, role: "listbox", class: "options", "aria-label": "Concepts found", hidden: true });
  const status = el("p", { class: "unseen", role: "status" });
  const latest = new Latest();
  let found = [];
  let active = -1;
  let timer = 0;
  let hurried = null; // the query for which Enter was pressed before anything was found

  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": id,
    "aria-haspopup": "listbox",
  })) {
    input.setAttribute(name, value);
  }
  input.after(list, status);

  const close = () => {
    clearTimeout(timer);
    latest.stop();
    [found, hurried] = [[], null];
    list.replaceChildren();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  };

  const activate = (place) => {
    active = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    if (place < 0 || found.length === 0) {
      input.removeAttribute("aria-activedescendant");
    } else {
      input.setAttribute("aria-activedescendant", `${id}-${place}`);
      list.children[place].scrollIntoView({ block: "nearest" });
    }
  };

  const take = (place) => {
    const concept = found[place];
    if (!concept) return;
    input.value = "";
    close();
    choose(concept);
  };

  /** Under the field, or over it where there is more room: nothing of it is ever under the bar. */
  const settle = () => {
    const { above, below } = roomAround(input.closest(".search"));
    const isOver = Math.min(list.scrollHeight, TALL) > below - GAP && above > below;
    list.classList.toggle("over", isOver);
    list.style.setProperty("--room", `${Math.max(LOW, Math.min(TALL, (isOver ? above : below) - GAP))}px`);
  };

  const show = (concepts, query) => {
    found = concepts;
    // Nobody has seen the list: only what has this very name is taken.
    if (hurried === query && isNamed(concepts[0], query)) {
      take(0);
      return;
    }
    hurried = null;
    const options = concepts.map((concept, place) =>
      optionOf(concept, query, standing(concept), `${id}-${place}`, () => take(place)),
    );
    list.replaceChildren(...options);
    if (options.length === 0) list.append(remark("No concept has such a name."));
    list.hidden = false;
    input.scrollIntoView({ block: "nearest" });
    settle();
    list.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-expanded", String(options.length > 0));
    status.textContent = options.length ? `${counted(options.length, "concept")} found` : "No concept found";
    activate(options.length ? 0 : -1);
  };

  const look = async () => {
    const query = queryOf(input);
    if (!query) {
      close();
      return;
    }
    const asked = new URLSearchParams({ q: query, limit: String(limit) });
    if (model()) asked.set("model", model());
    try {
      const { concepts } = await latest.run((signal) => ask(`/v1/concepts?${asked}`, { signal, seconds: 10 }));
      show(concepts, query);
    } catch (error) {
      if (isAbort(error)) return;
      close();
      list.replaceChildren(remark(plain(error.message)));
      list.hidden = false;
      settle();
      status.textContent = plain(error.message);
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    // What was found for another query shall not be taken for this one.
    latest.stop();
    [found, hurried] = [[], null];
    activate(-1);
    timer = setTimeout(look, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = found.length - 1;
    if (event.key === "ArrowDown" && list.hidden) look();
    else if (event.key === "ArrowDown" && last >= 0) activate(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp" && last >= 0) activate(active <= 0 ? last : active - 1);
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Enter" && input.value.trim()) {
      clearTimeout(timer);
      hurried = queryOf(input);
      look();
    }
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Escape" && input.value) input.value = "";
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", close);
  for (const moved of ["scroll", "resize"]) {
    addEventListener(moved, ({ target }) => list.hidden || target === list || settle(), { capture: true, passive: true });
  }
  return { close };
}

function queryOf(input) {
  return input.value.trim().slice(0, 200);
}

function isNamed(concept, query) {
  const names = concept ? [concept.label, ...(concept.alternatives ?? [])] : [];
  return names.some((name) => name.toLocaleLowerCase() === query.toLocaleLowerCase());
}

function remark(told) {
  return el("li", { class: "none", role: "presentation" }, told);
}

function optionOf(concept, query, standing, id, take) {
  const folded = query.toLocaleLowerCase();
  // Say why it was found, where its own name does not.
  const other = concept.label.toLocaleLowerCase().includes(folded)
    ? undefined
    : concept.alternatives?.find((name) => name.toLocaleLowerCase().includes(folded));
  const above = concept.path.slice(0, -1);
  return el(
    "li",
    { id, role: "option", "aria-selected": "false", on: { click: take, mousedown: (event) => event.preventDefault() } },
    el("span", { class: "term" }, foreign(concept.label), concept.deprecated ? " (deprecated)" : null),
    standing ? el("span", { class: "there" }, `${standing} already`) : null,
    other ? el("span", { class: "also" }, "also ", foreign(other)) : null,
    above.length ? el("span", { class: "above" }, foreign(above.join(" › "))) : null,
  );
}
