// The author's page: from a text to keywords that can be pasted.

import { Latest, Problem, ask, isAbort } from "./api.js";
import { ChosenList } from "./chosen.js";
import { Concepts, conceptView, explanationView } from "./concept.js";
import { conceptSearch } from "./concept-search.js";
import { Copy } from "./copy.js";
import { byId, counted, el, foreign, plain, same, speaker } from "./dom.js";
import { Reading, isBibcode, parted } from "./reading.js";
import { SuggestionList } from "./suggestions.js";
import { Work } from "./work.js";

const LIMIT = 20;
const NARROW = matchMedia("(max-width: 46rem)"); // where the text stands above the suggestions; as in style.css
const MOST = 100; // keywords that the service writes at once

const work = new Work();
const concepts = new Concepts();
const say = speaker(byId("status"));
const asking = new Latest();
const explaining = { key: null, answer: null };

const reading = new Reading({ title: byId("reading-title"), abstract: byId("reading-abstract"), legend: byId("legend") });
const suggestions = new SuggestionList(byId("suggestion-list"), {
  toggle: (one) => (isChosen(one.id) ? remove(one) : add(one)),
  open: (one) => open("suggestions", one.id),
  close,
  fill,
});
const chosen = new ChosenList(byId("chosen"), { open: (one) => open("chosen", one.id), close, move, remove, fill });
const copy = new Copy(
  { tabs: byId("tabs"), panel: byId("panel"), preview: byId("preview") },
  { choose: (form) => work.set({ form }), say, fine: () => fine("preview"), failed: (error) => failed("preview", error, preview) },
);

// What is shown follows from the state.

function render(state, before) {
  const { answer, editing } = state;
  const isOpenChanged = state.open !== before?.open;
  document.body.dataset.stage = answer ? "answered" : "start";
  byId("suggestions").hidden = byId("keywords").hidden = !answer;
  byId("copy-now").hidden = !answer || state.chosen.length === 0;
  byId("form").hidden = byId("fetch-form").hidden = Boolean(answer) && !editing;
  byId("reading").hidden = byId("edit").hidden = !answer || editing;
  byId("new").hidden = !answer && !state.title && !state.abstract;
  byId("undo").hidden = !work.undoable;
  for (const name of ["title", "abstract"]) if (byId(name).value !== state[name]) byId(name).value = state[name];
  if (!answer) return;
  if (answer !== before?.answer) {
    suggestions.show(answer.suggestions);
    byId("suggestions-note").textContent = noteOf(answer);
    explaining.key = null;
  }
  suggestions.sync(state);
  if (answer !== before?.answer || state.chosen !== before?.chosen || isOpenChanged) {
    chosen.sync(state, byId("keywords-head"));
  }
  byId("count").textContent = state.chosen.length ? String(state.chosen.length) : "";
  byId("copy-now").textContent = `Copy ${counted(state.chosen.length, "keyword")}`;
  byId("copy").textContent = `Copy as ${copy.titleOf(state.form)}`;
  if (!state.open || isOpenChanged) reading.plain(state.asked);
  if (state.open && (isOpenChanged || answer !== before?.answer)) showEvidence(state.open.id);
  preview();
}

function preview() {
  if (work.state.answer) copy.sync(work.state);
}

function noteOf({ suggestions: found }) {
  if (found.some((one) => one.from_prior)) {
    return "The text says nothing that the model knows; these are the most frequent concepts.";
  }
  const accepted = found.filter((one) => one.selected).length;
  return `The model’s rule accepts ${accepted} of ${found.length}. Open one to see why.`;
}

// Asking for suggestions.

async function suggest() {
  const { title, abstract, model } = work.state;
  if (!abstract.trim() && isBibcode(title)) {
    byId("bibcode").value = title.trim();
    fetchPaper();
    return;
  }
  if (!title.trim() && !abstract.trim()) {
    say("Paste a title or an abstract first.");
    byId("title").focus();
    return;
  }
  forget();
  busy(true);
  try {
    const body = { title: whole(title), abstract: whole(abstract), limit: LIMIT, model };
    const answer = await asking.run((signal) => ask("/v1/suggest", { body, signal }));
    fine("suggest");
    answered(answer, { title, abstract });
  } catch (error) {
    if (!isAbort(error)) failed("suggest", error, suggest);
  } finally {
    busy(false);
  }
}

function answered(answer, asked) {
  const { state } = work;
  const isSameVocabulary = state.answer?.vocabulary.fingerprint === answer.vocabulary.fingerprint;
  const own = isSameVocabulary ? state.chosen.filter(({ by }) => by === "you") : [];
  const refused = isSameVocabulary ? state.refused : [];
  const accepted = answer.suggestions.filter((one) => one.selected && !refused.some((id) => same(id, one.id)));
  const fresh = accepted.filter((one) => !own.some(({ id }) => same(id, one.id)));
  const taken = [...fresh.map(({ id, label }) => ({ id, label, by: "model", insteadOf: null })), ...own];
  work.change({ answer, asked, chosen: taken, refused, editing: false, open: null });
  say(`${counted(answer.suggestions.length, "suggestion")}, ${taken.length} chosen.`);
  byId("suggestions-head").focus({ preventScroll: true });
  if (NARROW.matches) byId("suggestions").scrollIntoView({ block: "start" });
  else scrollTo(0, 0);
}

async function fetchPaper() {
  const bibcode = byId("bibcode").value.trim();
  if (!bibcode) {
    say("Type a bibcode first.");
    byId("bibcode").focus();
    return;
  }
  forget();
  say("Asking SciX …");
  try {
    const paper = await asking.run((signal) => ask(`/v1/papers/${encodeURIComponent(bibcode)}`, { signal }));
    fine("paper");
    work.change({ title: paper.title, abstract: paper.abstract ?? "" });
    suggest();
  } catch (error) {
    if (!isAbort(error)) failed("paper", error, fetchPaper);
  }
}

/** Halves of characters cannot travel. */
function whole(text) {
  return text.toWellFormed ? text.toWellFormed() : text;
}

function busy(is) {
  byId("suggest").setAttribute("aria-busy", String(is));
  byId("suggest").textContent = is ? "Reading …" : "Suggest keywords";
}

// Changing what is chosen.

function isChosen(id) {
  return work.state.chosen.some((one) => same(one.id, id));
}

function add({ id, label }) {
  if (isChosen(id)) {
    say(foreign(label), " is chosen already.");
    return false;
  }
  if (work.state.chosen.length >= MOST) {
    say(`${MOST} keywords are the most that can be written at once.`);
    render(work.state, work.state);
    return false;
  }
  const refused = work.state.refused.filter((one) => !same(one, id));
  work.change({ chosen: [...work.state.chosen, { id, label, by: "you", insteadOf: null }], refused });
  say("Chosen: ", foreign(label), `. ${counted(work.state.chosen.length, "keyword")}.`);
  return true;
}

function remove({ id, label }) {
  const open = isOpen("chosen", id) ? null : work.state.open;
  work.change({ chosen: work.state.chosen.filter((one) => !same(one.id, id)), refused: refusing(id), open });
  say("Removed: ", foreign(label), `. ${counted(work.state.chosen.length, "keyword")}.`);
}

function move(one, by) {
  const order = [...work.state.chosen];
  const from = order.findIndex(({ id }) => same(id, one.id));
  order.splice(from + by, 0, ...order.splice(from, 1));
  work.change({ chosen: order });
  say(foreign(one.label), ` is now number ${from + by + 1} of ${order.length}.`);
}

/** Take one concept instead of another; in a row of suggestions, also instead of what that was swapped for. */
function swap(old, next) {
  const { state } = work;
  const place = state.chosen.findIndex(({ id, insteadOf }) => same(id, old.id) || same(insteadOf, old.id));
  const others = state.chosen.filter((_, at) => at !== place);
  const wasOpen = isOpen("chosen", old.id);
  const open = wasOpen ? { place: "chosen", id: next.id } : state.open;
  if (others.some(({ id }) => same(id, next.id))) {
    work.change({ chosen: others, refused: refusing(old.id), open });
    say(foreign(next.label), " was chosen already; ", foreign(old.label), " is removed.");
  } else {
    const order = [...state.chosen];
    const one = { id: next.id, label: next.label, by: "you", insteadOf: old.id };
    order.splice(place < 0 ? order.length : place, place < 0 ? 0 : 1, one);
    work.change({ chosen: order, refused: refusing(old.id), open });
    say("Swapped ", foreign(old.label), " for ", foreign(next.label), ".");
  }
  if (wasOpen) chosen.focus(next.id);
}

function refusing(id) {
  const { refused } = work.state;
  return refused.some((one) => same(one, id)) ? refused : [...refused, id];
}

function undo() {
  if (!work.undo()) return;
  say("Undone.");
  if (byId("undo").hidden) byId(work.state.answer ? "keywords-head" : "title").focus();
}

// What is open.

function isOpen(place, id) {
  const { open: now } = work.state;
  return now?.place === place && same(now.id, id);
}

function open(place, id) {
  work.set({ open: isOpen(place, id) ? null : { place, id } });
}

function close() {
  if (work.state.open) work.set({ open: null });
}

/** Put what is known of a concept into an opened place; the rest when it comes. */
function fill(place, one) {
  const model = work.state.answer.model;
  const suggested = work.state.answer.suggestions.some(({ id }) => same(id, one.id));
  const why = el("div", { class: "why" });
  const what = el("div", { class: "what" });
  place.replaceChildren(why, what);
  if (suggested) fillWhy(why, one);
  const known = concepts.known(one.id, model);
  if (known) {
    what.replaceChildren(conceptView(known, (next) => swap(one, next)));
    return;
  }
  what.replaceChildren(el("p", { class: "hint" }, "Looking it up …"));
  concepts.get(one.id, model).then(
    (concept) => {
      fine("concept");
      what.replaceChildren(conceptView(concept, (next) => swap(one, next)));
    },
    (error) => {
      what.replaceChildren(el("p", { class: "warning" }, plain(error.message)));
      failed("concept", error, refill);
    },
  );
}

function fillWhy(why, one) {
  const show = (explained) => {
    const explanation = explanationOf(explained, one.id);
    if (explanation) why.replaceChildren(explanationView(explanation, (evidence) => reading.reveal(evidence)));
  };
  if (explaining.key !== null && explaining.key === keyOf(work.state) && explaining.answer) {
    show(explaining.answer);
    return;
  }
  why.replaceChildren(el("p", { class: "hint" }, "Looking why …"));
  explained().then(
    (answer) => {
      fine("explanation");
      show(answer);
    },
    (error) => {
      why.replaceChildren(el("p", { class: "warning" }, plain(error.message)));
      failed("explanation", error, refill);
    },
  );
}

function refill() {
  if (!work.state.open) return;
  suggestions.refill();
  chosen.sync(work.state, byId("keywords-head"));
  showEvidence(work.state.open.id);
}

// Explanations take longer than suggestions, and are asked for when somebody wants one.

function keyOf({ asked, answer }) {
  return JSON.stringify([asked, answer.model]);
}

function explained() {
  const key = keyOf(work.state);
  if (explaining.key !== key) {
    const { asked, answer } = work.state;
    const texts = { title: whole(asked.title), abstract: whole(asked.abstract) };
    const promise = ask("/v1/suggest", { body: { ...texts, limit: LIMIT, model: answer.model, explain: true } });
    Object.assign(explaining, { key, promise, answer: null });
    promise.then(
      (told) => {
        if (explaining.promise === promise) explaining.answer = told;
      },
      () => {
        if (explaining.promise === promise) explaining.key = null;
      },
    );
  }
  return explaining.promise;
}

function explanationOf(answer, id) {
  return answer.suggestions.find((one) => same(one.id, id))?.explanation ?? null;
}

async function showEvidence(id) {
  const one = work.state.answer.suggestions.find((suggestion) => same(suggestion.id, id));
  if (!one) return;
  try {
    const answer = await explained();
    const now = work.state.open;
    if (now && same(now.id, id)) reading.evidence(answer.text, one.label, explanationOf(answer, id));
  } catch {
    // Told where the explanation was to stand.
  }
}

// What went wrong, and trying again.

const trouble = new Map();

function failed(key, error, again) {
  if (!(error instanceof Problem)) throw error;
  trouble.set(key, { error, again });
  showTrouble();
}

function fine(key) {
  trouble.delete(key);
  showTrouble();
}

/** What was wrong with another paper is of no interest any more. */
function forget() {
  for (const key of ["suggest", "paper", "explanation", "concept"]) trouble.delete(key);
  showTrouble();
}

function showTrouble() {
  const all = [...trouble.values()];
  const region = byId("trouble");
  if (all.length === 0) {
    if (region.contains(document.activeElement)) byId("paper").focus();
    region.replaceChildren();
    return;
  }
  const gone = all.some(({ error }) => error.gone);
  const told = [...new Set(all.map(({ error }) => plain(error.message)))].join(" ");
  const kept = gone ? " Your text and keywords are kept in this tab." : "";
  const button = el("button", { type: "button", class: "quiet" }, "Try again");
  button.addEventListener("click", tryAgain);
  region.replaceChildren(el("div", { class: "trouble" }, el("p", {}, told + kept), button));
}

function tryAgain() {
  const all = [...trouble.values()];
  trouble.clear();
  say("Trying again …");
  for (const { again } of all) again();
}

// The footer, the models, the forms.

async function begin() {
  try {
    const [{ models }, { forms }] = await Promise.all([ask("/v1/models"), ask("/v1/keywords")]);
    fine("begin");
    showModels(models);
    copy.show(forms);
    if (!forms.some(({ name }) => name === work.state.form)) work.set({ form: forms[0].name });
    else render(work.state, work.state);
  } catch (error) {
    failed("begin", error, begin);
  }
}

function showModels(models) {
  const choice = byId("model");
  choice.replaceChildren(...models.map(({ name }) => el("option", { value: name }, plain(name))));
  const isKnown = models.some(({ name }) => name === work.state.model);
  if (!isKnown && work.state.model) work.set({ model: null });
  choice.value = work.state.model ?? models[0].name;
  byId("model-field").hidden = models.length < 2;
  const { name, kind, vocabulary, training } = models.find((one) => one.name === choice.value);
  const parts = [
    ["Model ", foreign(name), ` (${plain(kind)}`, training.papers ? `, ${counted(training.papers, "paper")})` : ")"],
    [foreign(vocabulary.title), " ", foreign(vocabulary.release), `, ${counted(vocabulary.concepts, "concept")}`],
  ];
  byId("about").replaceChildren(...parts[0], " · ", ...parts[1], ".");
}

// Wiring.

for (const name of ["title", "abstract"]) {
  byId(name).addEventListener("input", (event) => work.set({ [name]: event.target.value }));
}
byId("title").addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const whole = byId("title").value;
  if (!/\n/.test(text.trim()) || whole.trim() || work.state.abstract.trim()) return;
  event.preventDefault();
  work.change(parted(text));
  say("The first line is the title, the rest the abstract.");
});
byId("title").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  suggest();
});
byId("abstract").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) suggest();
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  suggest();
});
byId("fetch-form").addEventListener("submit", (event) => {
  event.preventDefault();
  fetchPaper();
});
byId("model").addEventListener("change", (event) => {
  work.set({ model: event.target.value });
  begin();
});
byId("edit").addEventListener("click", () => {
  work.set({ editing: true });
  byId("abstract").focus();
});
byId("new").addEventListener("click", () => {
  work.clear();
  say("Begun anew. Undo brings the old paper back.");
  byId("title").focus();
});
byId("undo").addEventListener("click", undo);
byId("copy").addEventListener("click", () => copy.copy(work.state));
byId("copy-now").addEventListener("click", () => copy.copy(work.state));
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox]), textarea");
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || isTyping) return;
  event.preventDefault();
  undo();
});
conceptSearch(byId("search"), {
  choose: (concept) => add(concept),
  model: () => work.state.answer?.model ?? work.state.model,
});
work.listen(render);
render(work.state, null);
begin();
