// What authors paste: title and abstract as one, LaTeX source, a bibcode or an address that holds one.

// "Abstract" over an abstract, and not as its first word.
const HEADING = /^(?:[Aa](?:bstract|BSTRACT)\s*(?:[:.]|\n)|ABSTRACT\s)\s*/;
const BIBCODE = /^[12]\d{3}[A-Za-z][A-Za-z0-9&.]{4}[A-Za-z0-9.]{9}[A-Z.]$/; // 19 characters, ends with an initial
const PAGE = /^(?:https?:\/\/)?[\w.]*\b(?:adsabs\.harvard\.edu|scixplorer\.org)\/(?:#?abs|full)\/([^/?#\s]+)/i;
const OTHERS = [
  ["a DOI", /^(?:(?:https?:\/\/)?(?:dx\.)?doi\.org\/|doi:\s*)?10\.\d{4,9}\/\S+$/i],
  ["an arXiv number", /^(?:(?:https?:\/\/)?arxiv\.org\/\w+\/|arxiv:\s*)?(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})(?:v\d+)?(?:\.pdf)?(?:\s*\[[\w.-]+\])?$/i],
  ["a web address", /^https?:\/\/\S+$/i],
];
const SAME = 0.6; // of the words of the shorter text: two papers of one field share a third
const ABSTRACT = 120; // characters: what is shorter, and no sentence, may be the second line of a title

/** Title and abstract of what was pasted as one. */
export function parted(text) {
  const source = ofLatex(text);
  if (source) return source;
  const lines = text.trim().split(/\r?\n/);
  const title = lines.shift().trim().replace(/^title:\s*/i, "");
  const abstract = lines.join("\n").trim().replace(HEADING, "");
  return { title, abstract };
}

/** What a LaTeX source that is pasted into the abstract brings; null: it is none. */
export function sourceIn(text) {
  const found = ofLatex(text);
  if (!found) return null;
  return Object.fromEntries(Object.entries(found).filter(([, part]) => part));
}

/**
 * What a text that is pasted into the title brings; null: nothing but a title, or a part of one.
 *
 * @param {string} text What is pasted.
 * @param {{title: string, abstract: string}} left What stays of the title where it is pasted, and the abstract.
 */
export function broughtBy(text, left) {
  if (left.title.trim()) return null;
  const source = ofLatex(text);
  if (!source && !/\n/.test(text.trim())) return null;
  const found = source ?? parted(text);
  if (!found.abstract) return { title: found.title };
  const isOfTitle = !source && found.abstract.length < ABSTRACT && !found.abstract.endsWith(".");
  return left.abstract.trim() && isOfTitle ? null : found;
}

/** Whether a text is of another paper than the one that was there, rather than a later version of it. */
export function isOther(before, after) {
  const [old, fresh] = [before, after].map(({ title, abstract }) => new Set(`${title} ${abstract}`.toLowerCase().match(/[\p{L}\p{N}]+/gu)));
  const both = [...fresh].filter((word) => old.has(word)).length;
  return both < SAME * Math.min(old.size, fresh.size);
}

/** The bibcode that a text is, or whose page it is the address of; null if there is none. */
export function bibcodeIn(text) {
  const found = PAGE.exec(text.trim())?.[1] ?? text.trim();
  const bibcode = decoded(found);
  return BIBCODE.test(bibcode) ? bibcode : null;
}

/** What else a text is that names a paper, in words; null: it may be a title. */
export function otherName(text) {
  return OTHERS.find(([, form]) => form.test(text.trim()))?.[0] ?? null;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no address after all
  }
}

function ofLatex(text) {
  const source = text.replace(/(?<!\\)%.*$/gm, "");
  const title = groupsAfter(source, /\\title\s*(?:\[[^\]]*\])?\s*(?=\{)/)[0] ?? "";
  const body = /\\begin\{abstract\}([^]*?)(?:\\end\{abstract\}|$)/.exec(source)?.[1];
  const abstract = body ?? groupsAfter(source, /\\abstract\s*(?=\{)/).join(" ");
  return title || abstract ? { title: flat(title), abstract: flat(abstract) } : null;
}

/** The groups in braces, one after the other, that follow on a command. */
function groupsAfter(source, command) {
  const found = command.exec(source);
  const groups = [];
  let at = found ? found.index + found[0].length : source.length;
  while (source[at] === "{") {
    const end = closing(source, at);
    groups.push(source.slice(at + 1, end));
    at = end + 1;
    while (/[ \t\r\n]/.test(source[at] ?? "")) at += 1;
  }
  return groups;
}

function closing(source, at) {
  let depth = 0;
  for (let place = at; place < source.length; place += 1) {
    if (source[place] === "\\") place += 1;
    else if (source[place] === "{") depth += 1;
    else if (source[place] === "}") {
      depth -= 1;
      if (depth === 0) return place;
    }
  }
  return source.length;
}

function flat(text) {
  return text.replace(/\\\\/g, " ").replace(/\s+/g, " ").trim();
}
