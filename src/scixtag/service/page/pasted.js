// What authors paste: title and abstract as one, LaTeX source, a bibcode or an address that holds one.

// "Abstract" over an abstract, and not as its first word.
const HEADING = /^(?:[Aa](?:bstract|BSTRACT)\s*(?:[:.]|\n)|ABSTRACT\s)\s*/;
const BIBCODE = /^\d{4}[A-Za-z&.]{5}[\w.]{4}[A-Za-z.][\w.]{4}[A-Z.]$/;
const PAGE = /^(?:https?:\/\/)?[\w.]*\b(?:adsabs\.harvard\.edu|scixplorer\.org)\/(?:#?abs|full)\/([^/?#\s]+)/i;
const OTHERS = [
  ["a DOI", /^(?:https?:\/\/(?:dx\.)?doi\.org\/|doi:\s*)?10\.\d{4,9}\/\S+$/i],
  ["an arXiv number", /^(?:https?:\/\/arxiv\.org\/\w+\/|arxiv:\s*)?\d{4}\.\d{4,5}(?:v\d+)?(?:\.pdf)?$/i],
  ["a web address", /^https?:\/\/\S+$/i],
];
const ABSTRACT = 200; // characters: what is shorter may be the second line of a title

/** Title and abstract of what was pasted as one. */
export function parted(text) {
  const source = ofLatex(text);
  if (source) return source;
  const lines = text.trim().split(/\r?\n/);
  const title = lines.shift().trim().replace(/^title:\s*/i, "");
  const abstract = lines.join("\n").trim().replace(HEADING, "");
  return { title, abstract };
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
  return left.abstract.trim() && !source && found.abstract.length < ABSTRACT ? null : found;
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
