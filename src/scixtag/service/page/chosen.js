// The keywords that were chosen: their order, and what is done with each.

import { el, foreign, plain, same } from "./dom.js";

/** An ordered list whose items can be opened, moved and removed. */
export class ChosenList {
  /**
   * @param {HTMLElement} list
   * @param {{open: (one: object) => void, close: () => void, move: (one: object, by: number) => void,
   *   remove: (one: object) => void, fill: (place: HTMLElement, one: object) => void}} options
   */
  constructor(list, options) {
    this.list = list;
    this.options = options;
    list.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) options.close();
    });
  }

  /** Show the state; the focus stays where it was, or goes to what took its place. */
  sync({ chosen, open }, otherwise) {
    const before = this.#focused();
    const items = chosen.map((one, place) => this.#item(one, place, chosen.length, open));
    const nothing = el("li", { class: "hint" }, "Nothing is chosen yet. Tick a suggestion, or add a concept above.");
    this.list.replaceChildren(...(items.length ? items : [nothing]));
    if (before) this.#focus(before, chosen, otherwise);
  }

  /** Put the focus on an item's name. */
  focus(id) {
    const item = [...this.list.children].find((one) => one.dataset.id === String(id));
    item?.querySelector(".name").focus();
  }

  #item(one, place, count, open) {
    const label = plain(one.label);
    const isOpen = open?.place === "chosen" && same(open.id, one.id);
    const content = el("div", { class: "place", id: `chosen-${place}-place`, hidden: !isOpen });
    const name = el(
      "button",
      {
        type: "button",
        class: "name",
        "data-does": "open",
        "aria-expanded": String(isOpen),
        "aria-controls": content.id,
        on: { click: () => this.options.open(one) },
      },
      foreign(one.label),
      one.deprecated ? el("span", { class: "old" }, "deprecated") : null,
    );
    const does = (what, sign, told, act, off = false) =>
      el(
        "button",
        {
          type: "button",
          class: "icon",
          "data-does": what,
          "aria-label": told,
          title: told,
          "aria-disabled": off ? "true" : null,
          on: { click: () => off || act() },
        },
        sign,
      );
    if (isOpen) this.options.fill(content, one);
    return el(
      "li",
      { class: isOpen ? "keyword opened" : "keyword", "data-id": one.id },
      el(
        "div",
        { class: "line" },
        name,
        does("up", "↑", `Move ${label} up`, () => this.options.move(one, -1), place === 0),
        does("down", "↓", `Move ${label} down`, () => this.options.move(one, 1), place === count - 1),
        does("remove", "×", `Remove ${label}`, () => this.options.remove(one)),
      ),
      content,
    );
  }

  #focused() {
    const item = document.activeElement?.closest?.(".keyword");
    if (!item || !this.list.contains(item)) return null;
    const does = document.activeElement.dataset.does ?? "open";
    return { id: item.dataset.id, does, place: [...this.list.children].indexOf(item) };
  }

  #focus({ id, does, place }, chosen, otherwise) {
    const items = [...this.list.querySelectorAll(".keyword")];
    const item = items.find((one) => one.dataset.id === id) ?? items[Math.min(place, chosen.length - 1)];
    (item?.querySelector(`[data-does=${does}]`) ?? otherwise).focus();
  }
}
