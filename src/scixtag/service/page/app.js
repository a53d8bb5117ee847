// The author's page: from a text to keywords that can be pasted.

import { ask } from "./api.js";
import { Asking, LIMIT } from "./asking.js";
import { followBar } from "./bar.js";
import { MOST, added, isChosen, moved, removed, swapped } from "./choice.js";
import { ChosenList } from "./chosen.js";
import { conceptSearch } from "./concept-search.js";
import { Copy } from "./copy.js";
import { byId, counted, foreign, same, speaker } from "./dom.js";
import { showModels } from "./models.js";
import { Opened } from "./opened.js";
import { broughtBy, isOther, sourceIn } from "./pasted.js";
import { Reading } from "./reading.js";
import { SuggestionList, noteOf } from "./suggestions.js";
import { Trouble } from "./trouble.js";
import { Work } from "./work.js";

const work = new Work();
const say = speaker(byId("status"));
const trouble = new Trouble(byId("trouble"), {
  kept: "Your text and keywords are kept in this tab.",
  say,
  leave: () => byId("paper").focus(),
  wishes: ["suggest", "paper"],
});
const asking = new Asking({ work, trouble, say });

const reading = new Reading({ title: byId("reading-title"), abstract: byId("reading-abstract"), legend: byId("legend") });
const opened = new Opened({ work, reading, trouble, limit: LIMIT }, { swap, refill });
const fill = (place, one) => opened.fill(place, one);
const suggestions = new SuggestionList(byId("suggestion-list"), {
  toggle: (one) => (isChosen(work.state, one.id) ? remove(one) : add(one)),
  open: (one) => open("suggestions", one.id),
  close,
  fill,
});
const chosen = new ChosenList(byId("chosen"), { open: (one) => open("chosen", one.id), close, move, remove, fill });
const copy = new Copy(
  { tabs: byId("tabs"), panel: byId("panel"), preview: byId("preview"), note: byId("copy-note") },
  {
    choose: (form) => work.set({ form }),
    say,
    fine: () => trouble.fine("preview"),
    failed: (error) => trouble.failed("preview", error, preview),
  },
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
  byId("redo").hidden = !work.redoable;
  for (const name of ["title", "abstract"]) if (byId(name).value !== state[name]) byId(name).value = state[name];
  if (state.model !== before?.model || answer !== before?.answer) showThem(state);
  if (!answer) return;
  if (answer !== before?.answer) {
    const isOld = models.some(({ name, created }) => name === answer.model && created !== answer.created);
    if (isOld) begin(); // it has been replaced
    suggestions.show(answer.suggestions);
    opened.forget();
  }
  byId("suggestions-note").textContent = noteOf(state);
  suggestions.sync(state);
  if (answer !== before?.answer || state.chosen !== before?.chosen || isOpenChanged) {
    chosen.sync(state, byId("keywords-head"));
  }
  byId("count").textContent = state.chosen.length ? String(state.chosen.length) : "";
  byId("copy-now").textContent = `Copy ${counted(state.chosen.length, "keyword")}`;
  byId("copy").textContent = `Copy as ${copy.titleOf(state.form)}`;
  if (!state.open || isOpenChanged) reading.plain(state.asked);
  if (state.open && (isOpenChanged || answer !== before?.answer)) opened.mark(state.open.id);
  preview();
}

function preview() {
  if (work.state.answer) copy.sync(work.state);
}

// Changing what is chosen.

function add(one) {
  const patch = added(work.state, one);
  if (patch) {
    work.change(patch);
    say("Chosen: ", foreign(one.label), `. ${counted(patch.chosen.length, "keyword")}.`);
  } else if (isChosen(work.state, one.id)) {
    say(foreign(one.label), " is chosen already.");
  } else {
    say(`${MOST} keywords are the most that can be written at once.`);
    suggestions.sync(work.state);
  }
}

function remove(one) {
  const patch = removed(work.state, one);
  work.change({ ...patch, open: isOpen("chosen", one.id) ? null : work.state.open });
  say("Removed: ", foreign(one.label), `. ${counted(patch.chosen.length, "keyword")}.`);
}

function move(one, by) {
  const patch = moved(work.state, one, by);
  work.change(patch);
  const place = patch.chosen.findIndex(({ id }) => same(id, one.id)) + 1;
  say(foreign(one.label), ` is now number ${place} of ${patch.chosen.length}.`);
}

function swap(old, next) {
  const wasThere = isChosen(work.state, next.id);
  const wasOpen = isOpen("chosen", old.id);
  const open = wasOpen ? { place: "chosen", id: next.id } : work.state.open;
  work.change({ ...swapped(work.state, old, next), open });
  if (wasThere) say(foreign(next.label), " was chosen already; ", foreign(old.label), " is removed.");
  else say("Swapped ", foreign(old.label), " for ", foreign(next.label), ".");
  if (wasOpen) chosen.focus(next.id);
}

function undo() {
  if (work.undo()) stepped("Undone.", "undo");
}

function redo() {
  if (work.redo()) stepped("Done again.", "redo");
}

function stepped(told, button) {
  asking.stop();
  say(told);
  if (byId(button).hidden) byId(work.state.answer ? "keywords-head" : "title").focus();
}

// Pasting.

function pasted(event, name) {
  const { value, selectionStart, selectionEnd } = byId(name);
  const left = value.slice(0, selectionStart) + value.slice(selectionEnd);
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const { abstract } = work.state;
  const brought = name === "title" ? broughtBy(text, { title: left, abstract }) : left.trim() ? null : sourceIn(text);
  if (!brought) {
    if (name === "title" && /\n/.test(text.trim()) && !left.trim()) say("All of it is in the title; the abstract is as it was.");
    return;
  }
  event.preventDefault();
  asking.stop();
  const isReplaced = name === "title" && abstract.trim() && brought.abstract;
  const isNew = isReplaced && isOther(work.state, brought);
  if (isNew) work.begin(brought);
  else work.change(brought);
  const what = isNew ? "paper" : "abstract";
  say(`${taken(brought)}${isReplaced ? ` It replaces the ${what} that was here; Undo brings that back.` : ""}`);
}

function taken({ title, abstract }) {
  if (title && abstract) return "Title and abstract are taken apart.";
  return `The ${title ? "title" : "abstract"} is taken from the LaTeX source.`;
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

function refill() {
  if (!work.state.open) {
    for (const key of ["concept", "explanation"]) trouble.fine(key); // nobody wants to know any more
    return;
  }
  suggestions.refill();
  chosen.sync(work.state, byId("keywords-head"));
  opened.mark(work.state.open.id);
}

// The footer, the models, the forms.

let models = [];

function showThem({ model, answer }) {
  if (models.length) showModels(models, model, answer?.model ?? null);
}

async function begin() {
  try {
    const [told, { forms }] = await Promise.all([ask("/v1/models"), ask("/v1/keywords")]);
    trouble.fine("begin");
    models = told.models;
    if (work.state.model && !models.some(({ name }) => name === work.state.model)) work.set({ model: null });
    showThem(work.state);
    copy.show(forms);
    if (!forms.some(({ name }) => name === work.state.form)) work.set({ form: forms[0].name });
    else render(work.state, work.state);
  } catch (error) {
    trouble.failed("begin", error, begin);
  }
}

// Wiring.

for (const name of ["title", "abstract"]) {
  byId(name).addEventListener("input", (event) => {
    asking.typed();
    work.type(name, event.target.value);
  });
  byId(name).addEventListener("paste", (event) => pasted(event, name));
}
byId("title").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  asking.suggest();
});
byId("abstract").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) asking.suggest();
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  asking.suggest();
});
byId("fetch-form").addEventListener("submit", (event) => {
  event.preventDefault();
  asking.fetch();
});
byId("model").addEventListener("change", (event) => {
  work.change({ model: event.target.value });
});
byId("edit").addEventListener("click", () => {
  work.set({ editing: true });
  byId("abstract").focus();
});
byId("new").addEventListener("click", () => {
  asking.stop();
  work.begin();
  say("Begun anew. Undo brings the old paper back.");
  byId("title").focus();
});
byId("undo").addEventListener("click", undo);
byId("redo").addEventListener("click", redo);
byId("copy").addEventListener("click", () => copy.copy(work.state));
byId("copy-now").addEventListener("click", () => copy.copy(work.state));
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox]), textarea");
  const key = event.key.toLowerCase();
  if (!["z", "y"].includes(key) || !(event.ctrlKey || event.metaKey) || isTyping) return;
  event.preventDefault();
  if (key === "z" && !event.shiftKey) undo();
  else redo();
});
conceptSearch(byId("search"), {
  choose: (concept) => add(concept),
  model: () => work.state.answer?.model ?? work.state.model,
  standing: ({ id }) => (isChosen(work.state, id) ? "chosen" : null),
});
work.listen(render);
followBar(byId("bar"));
render(work.state, null);
byId("unstarted").remove(); // all that is needed has come
begin();
