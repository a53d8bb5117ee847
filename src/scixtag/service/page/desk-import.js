// Papers come in: from a file, by bibcodes, or by a query to SciX.

import { Problem, ask } from "./api.js";
import { counted, el, foreign, plain, sentence } from "./dom.js";
import { FileError, papersOf } from "./desk-files.js";

const MOST = 200; // papers or bibcodes that the service takes at once
const BYTES = 900_000; // of a request; the service takes a megabyte
const SECONDS = 60;
const NOTHING = { added: 0, known: 0, empty: 0, unknown: [] };
const UNFIT = new Set([413, 422]); // what the service says of papers that it can never take

/** The three forms, their progress, and what came of them. */
export class Import {
  #isStopped = false;
  #isBusy = false;

  /**
   * @param {{file: HTMLFormElement, bibcodes: HTMLFormElement, query: HTMLFormElement, bar: HTMLProgressElement,
   *   stop: HTMLButtonElement, note: HTMLElement}} parts
   * @param {{say: (...parts: any[]) => void, came: () => void, signedOut: (error: Error) => void}} told
   */
  constructor(parts, told) {
    this.parts = parts;
    this.told = told;
    const taking = { file: () => this.#file(), bibcodes: () => this.#bibcodes(), query: () => this.#query() };
    for (const [name, take] of Object.entries(taking)) {
      parts[name].addEventListener("submit", (event) => {
        event.preventDefault();
        this.#run(take);
      });
    }
    parts.stop.addEventListener("click", () => {
      this.#isStopped = true;
      this.told.say("Stopping when the papers under way are in …");
    });
  }

  async #run(take) {
    if (this.#isBusy) return;
    [this.#isBusy, this.#isStopped] = [true, false];
    this.parts.note.replaceChildren();
    try {
      await take();
    } catch (error) {
      if (!(error instanceof FileError || error instanceof Problem)) throw error;
      this.#tell([plain(error.message)], true);
      if (error.status === 401) this.told.signedOut(error);
    } finally {
      this.#isBusy = false;
      if (this.parts.stop === document.activeElement) this.parts.note.focus();
      this.parts.bar.hidden = this.parts.stop.hidden = true;
    }
  }

  async #file() {
    const field = this.parts.file.elements.namedItem("file");
    const [file] = field.files;
    if (!file) throw new FileError("Choose a file first.");
    this.#tell(["Reading ", foreign(file.name), " …"]);
    const { papers, passed } = await papersOf(file);
    const bodyOf = (batch) => ({ papers: batch, source: file.name.slice(0, 200) });
    await this.#send(batchesOf(papers), papers.length, bodyOf, passed, { parted: true });
    if (!this.#isStopped) field.value = "";
  }

  async #bibcodes() {
    const told = this.parts.bibcodes.elements.namedItem("bibcodes").value;
    const all = [...new Set(told.split(/[\s,;]+/).filter(Boolean))];
    if (all.length === 0) throw new FileError("Type a bibcode first.");
    const long = all.find((one) => one.length > 40);
    if (long) throw new FileError(`“${plain(long.slice(0, 40))}…” is no bibcode.`);
    const batches = [];
    for (let at = 0; at < all.length; at += MOST) batches.push(all.slice(at, at + MOST));
    await this.#send(batches, all.length, (batch) => ({ bibcodes: batch, source: "SciX" }), []);
  }

  async #query() {
    const form = this.parts.query;
    const query = form.elements.namedItem("query").value.trim();
    const limit = Math.round(Number(form.elements.namedItem("limit").value));
    if (!query) throw new FileError("Type a query first.");
    if (!(limit >= 1 && limit <= MOST)) throw new FileError(`Ask for 1 to ${MOST} papers at once.`);
    await this.#send([[query]], 1, () => ({ query, limit, source: `SciX: ${query}`.slice(0, 200) }), []);
  }

  /**
   * Batch by batch; what has come in stays, and the same again goes on from there. Where batches may be `parted`, a paper
   * that the service cannot take is passed over and keeps no other out.
   */
  async #send(batches, total, bodyOf, passed, { parted = false } = {}) {
    const came = { added: 0, known: 0, empty: 0, unknown: [] };
    const { bar, stop } = this.parts;
    Object.assign(bar, { max: total, value: 0, hidden: false });
    stop.hidden = false;
    try {
      const left = [...batches].reverse();
      while (left.length > 0 && !this.#isStopped) {
        const batch = left.pop();
        let answer;
        try {
          answer = await ask("/v1/review/import", { body: bodyOf(batch), seconds: SECONDS });
        } catch (error) {
          if (!parted || !UNFIT.has(error.status)) throw error;
          const half = Math.ceil(batch.length / 2);
          if (batch.length > 1) {
            left.push(batch.slice(half), batch.slice(0, half));
            continue;
          }
          passed.push(`${batch[0].id}: ${error.message}`);
          answer = NOTHING;
        }
        for (const name of ["added", "known", "empty"]) came[name] += answer[name];
        came.unknown.push(...answer.unknown);
        bar.value += batch.length;
        bar.setAttribute("aria-valuetext", `${bar.value} of ${total}`);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.told.came();
      throw new Problem(`${sentence(error.message)} ${summary(came)} Import the same again to go on.`, error.status, error.kind);
    }
    this.told.came();
    const [sent, all] = [bar.value, total].map((number) => number.toLocaleString("en"));
    const rest = bar.value < total ? ` Stopped after ${sent} of ${all}; import the same again to go on.` : "";
    this.#tell([summary(came), rest, ...details(came.unknown, passed)]);
    this.told.say(summary(came), rest);
  }

  #tell(parts, isTrouble = false) {
    this.parts.note.replaceChildren(el("div", { class: isTrouble ? "warning" : null }, parts));
    if (isTrouble) this.told.say(...parts.map((part) => part.cloneNode?.(true) ?? part));
  }
}

function summary({ added, known, empty, unknown }) {
  const parts = [`${counted(added, "paper")} added`];
  if (known) parts.push(`${known.toLocaleString("en")} known already`);
  if (empty) parts.push(`${empty.toLocaleString("en")} without text`);
  if (unknown.length) parts.push(`${unknown.length.toLocaleString("en")} not in SciX`);
  return `${parts.join(", ")}.`;
}

function details(unknown, passed) {
  const listed = (title, lines) =>
    lines.length
      ? el(
          "details",
          {},
          el("summary", {}, title),
          el("ul", { class: "passed" }, lines.slice(0, 100).map((line) => el("li", {}, foreign(line)))),
          lines.length > 100 ? `and ${(lines.length - 100).toLocaleString("en")} more` : null,
        )
      : null;
  return [listed("Not in SciX", unknown), listed(`${counted(passed.length, "row")} passed over`, passed)].filter(Boolean);
}

/** As many papers as a request takes. */
function batchesOf(papers) {
  const encoder = new TextEncoder();
  const batches = [[]];
  let bytes = 0;
  for (const paper of papers) {
    const size = encoder.encode(JSON.stringify(paper)).length + 2;
    if (batches.at(-1).length === MOST || (bytes + size > BYTES && batches.at(-1).length)) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1).push(paper);
    bytes += size;
  }
  return batches;
}
