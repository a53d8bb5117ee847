// Papers of a file: JSON Lines, CSV or TSV, by the columns that `scixtag` itself looks for.

import { counted } from "./dom.js";

const NAMES = {
  id: ["bibcode", "id", "paper_id", "identifier", "scix_id", "doi", "arxiv_id"],
  title: ["title", "titles", "headline"],
  abstract: ["abstract", "abstracts", "description", "summary"],
};
const EXPORTED = "scixtag-review"; // what lines of `scixtag review export` say that they are
const LARGEST = 100 * 1024 * 1024; // bytes, unpacked: what a tab can hold several times
const LONGEST_ID = 200;

/** A file that holds no papers, or not as we can read them. */
export class FileError extends Error {}

/**
 * Read a file of papers.
 *
 * @param {File} file
 * @returns {Promise<{papers: {id: string, title: string, abstract: string|null}[], passed: string[]}>} `passed` says
 *   which rows were passed over, and why.
 * @throws {FileError}
 */
export async function papersOf(file) {
  const text = await textOf(file);
  const name = file.name.replace(/\.gz$/i, "").toLowerCase();
  if (/\.(csv|tsv|txt)$/.test(name)) return ofTable(text, name.endsWith(".csv") ? null : "\t");
  if (/\.(jsonl|ndjson|json)$/.test(name) || /^\s*[{[]/.test(text)) return ofJson(text);
  return ofTable(text, null);
}

async function textOf(file) {
  let bytes;
  try {
    const stream = /\.gz$/i.test(file.name) ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
    bytes = await bytesOf(stream);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError("The file cannot be read; is it a whole one?");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("The file is not UTF-8; save it as UTF-8 and try again.");
  }
}

/** A small file may unpack into more than a browser can hold. */
async function bytesOf(stream) {
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).arrayBuffer();
    parts.push(value);
    size += value.length;
    if (size > LARGEST) {
      await reader.cancel();
      throw new FileError("The file is too large for a browser; use `scixtag review import`.");
    }
  }
}

function ofJson(text) {
  const rows = text.trimStart().startsWith("[") ? listOf(text) : linesOf(text);
  refuseDecisions(rows.reduce((sum, row) => sum + (row?.format === EXPORTED ? (row.events?.length ?? 0) : 0), 0));
  return gathered(rows, (row) => {
    if (row instanceof FileError) return row;
    if (row === null || typeof row !== "object" || Array.isArray(row)) return new FileError("no JSON object");
    const spelled = new Map(Object.keys(row).map((key) => [key.trim().toLowerCase(), key]));
    const cell = (role) => row[spelled.get(NAMES[role].find((known) => spelled.has(known)))];
    return { id: cell("id"), title: cell("title"), abstract: cell("abstract") };
  });
}

/** They are not dropped without a word. */
function refuseDecisions(number) {
  if (number === 0) return;
  const told = `This file holds ${counted(number, "decision")}, and the desk takes papers alone. Nothing was imported;`;
  throw new FileError(`${told} bring it in with \`scixtag review import FILE\`, which keeps them.`);
}

function listOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new FileError("The file is no JSON.");
  }
}

function linesOf(text) {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim())
    .map((line) => {
      try {
        return JSON.parse(line);
      } catch {
        return new FileError("no JSON");
      }
    });
}

function ofTable(text, separator) {
  const [head, ...rows] = cellsOf(text, separator ?? (text.split(/\r?\n/, 1)[0].includes("\t") ? "\t" : ","));
  const spelled = (head ?? []).map((name) => name.trim().toLowerCase());
  if (spelled.includes("override")) refuseDecisions(rows.length);
  const place = (role) => spelled.indexOf(NAMES[role].find((known) => spelled.includes(known)));
  const [id, title, abstract] = [place("id"), place("title"), place("abstract")];
  if (id < 0 || title < 0) {
    const told = `The first row has to name a column of ids (${NAMES.id[0]}) and one of titles (title)`;
    throw new FileError(`${told}; columns are parted by commas, or by tabs.`);
  }
  return gathered(rows, (row) => {
    if (row.length > head.length) return new FileError(`${row.length} cells under ${head.length} names; quote what holds a comma`);
    return { id: row[id], title: row[title], abstract: abstract < 0 ? null : row[abstract] };
  });
}

/** Rows of cells; quotes as in RFC 4180. */
function cellsOf(text, separator) {
  const rows = [];
  let [row, cell, isQuoted] = [[], "", false];
  const end = () => {
    row.push(cell);
    if (row.length > 1 || row[0]) rows.push(row);
    [row, cell] = [[], ""];
  };
  for (let i = text.startsWith("\ufeff") ? 1 : 0; i < text.length; i += 1) {
    const sign = text[i];
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text[i + 1] === '"') cell += text[(i += 1)];
      else isQuoted = false;
    } else if (sign === '"' && cell === "") isQuoted = true;
    else if (sign === separator) {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") end();
    else if (sign !== "\r") cell += sign;
  }
  if (isQuoted) throw new FileError("A quotation mark is never closed; is the file a whole one?");
  if (cell || row.length) end();
  return rows;
}

function gathered(rows, read) {
  const [papers, passed] = [new Map(), []];
  rows.forEach((row, at) => {
    const found = read(row);
    let why = found instanceof FileError ? found.message : whyNot(found);
    if (!why) {
      const paper = { id: bare(first(found.id)), title: words(found.title), abstract: words(found.abstract) || null };
      const before = papers.get(paper.id);
      if (!before) papers.set(paper.id, paper);
      else if (before.title !== paper.title || before.abstract !== paper.abstract) {
        why = `the id ${paper.id} is that of an earlier row, with another text; that one counts`;
      }
    }
    if (why) passed.push(`row ${at + 1}: ${why}`);
  });
  if (papers.size === 0) throw new FileError(passed.length ? `No paper was found: ${passed[0]}.` : "The file is empty.");
  return { papers: [...papers.values()], passed };
}

function whyNot({ id, title, abstract }) {
  for (const [what, value] of Object.entries({ title, abstract })) {
    const isText = [value ?? ""].flat().every((one) => typeof one !== "object");
    if (!isText) return `the ${what} is an object, not a text`;
  }
  const name = bare(first(id));
  if (!name) return "no id";
  if (/\p{Surrogate}/u.test(name)) return "an id with half a character";
  if (name.length > LONGEST_ID) return `an id of more than ${LONGEST_ID} characters`;
  return words(title).trim() || words(abstract).trim() ? null : "neither title nor abstract";
}

/** SciX gives titles as lists. */
function first(value) {
  return Array.isArray(value) ? value[0] : value;
}

/** Without blanks around it. A mark of byte order is none, though trim() takes it for one; the service names it. */
function bare(value) {
  return String(value ?? "").replace(/^[^\S\ufeff]+|[^\S\ufeff]+$/g, "");
}

function words(value) {
  const text = Array.isArray(value) ? value.join(" ") : (value ?? "");
  return String(text).toWellFormed?.() ?? String(text);
}
