// Elements without markup: whatever comes from elsewhere stays text.

/**
 * An element.
 *
 * @param {string} tag
 * @param {object} attributes By name; `on` holds listeners by event; true, false and null as in `toggleAttribute`.
 * @param {...(Node|string|null|Array)} children Strings become text.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name.startsWith("on")) {
      throw new TypeError(`no listener as text: ${name}`);
    } else if (value === true || value === false || value === null || value === undefined) {
      element.toggleAttribute(name, Boolean(value));
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** The element with an id, which the page is sure to have. */
export function byId(id) {
  return document.getElementById(id);
}

// Controls, halves of characters, and what turns the direction of the text around or cannot be seen.
const ODD = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e" +
    "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\p{Surrogate}]",
  "gu",
);

/** Whether a character does harm unseen. */
export function isOdd(character) {
  return character.search(ODD) >= 0;
}

const nameOf = (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A text for an attribute or a message: characters that do harm unseen are spelled out. */
export function plain(text) {
  return String(text).replace(ODD, (character) => `⟨${nameOf(character)}⟩`);
}

/** What a service says, which begins small and ends open, as a sentence among others. */
export function sentence(text) {
  const told = plain(text).trim();
  return told.charAt(0).toUpperCase() + told.slice(1) + (/[.!?…]$/u.test(told) ? "" : ".");
}

/** Nodes of a text in which characters that do harm unseen are spelled out. */
export function visible(text) {
  const nodes = [];
  let from = 0;
  for (const match of String(text).matchAll(ODD)) {
    if (match.index > from) nodes.push(document.createTextNode(text.slice(from, match.index)));
    nodes.push(el("span", { class: "odd", title: "an invisible character" }, nameOf(match[0])));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(document.createTextNode(String(text).slice(from)));
  return nodes;
}

/** Somebody else's text, isolated, so that its direction is its own affair. */
export function foreign(text) {
  return el("bdi", {}, visible(String(text)));
}

/** An address as a link if it is one of the web, else as text. */
export function link(address) {
  const isWeb = /^https?:\/\//i.test(address);
  const text = visible(address.replace(/^https?:\/\//i, ""));
  return isWeb ? el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text) : el("span", {}, text);
}

/** A probability or share as people read it. */
export function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return share > 0.99 && share < 1 ? "> 99 %" : `${Math.round(share * 100)} %`;
}

/** A number and its noun. */
export function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/**
 * Makes a permanent live region speak.
 *
 * @param {HTMLElement} region With `role="status"`.
 * @returns {(...parts: (Node|string)[]) => void}
 */
export function speaker(region) {
  let turn = false;
  return (...parts) => {
    turn = !turn;
    // The same words twice are news, too.
    region.replaceChildren(...parts, turn ? "\u00a0" : "");
  };
}

/** Whether one id is another: ids are numbers or words, and attributes know words alone. */
export const same = (one, other) => String(one) === String(other);

/** Whether one taps, and has no keys to be told of. */
export function isTouched() {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}

/** Halves of characters cannot travel. */
export function whole(text) {
  return text.toWellFormed ? text.toWellFormed() : text;
}
