// The bar at the foot of both pages: whatever is looked at ends above it.

/** Tell the style sheets how tall the bar is (`--bar`), now and whenever that changes. */
export function followBar(bar) {
  const tell = () => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
  new ResizeObserver(tell).observe(bar);
}

/**
 * How much room there is above and below an element, in px: in the window without the bar, and in whatever scrolls
 * around the element.
 *
 * @param {HTMLElement} element
 * @returns {{above: number, below: number}}
 */
export function roomAround(element) {
  const box = element.getBoundingClientRect();
  const { offsetTop, height } = visualViewport; // a keyboard on the screen takes its part
  let top = offsetTop;
  let bottom = Math.min(offsetTop + height, document.getElementById("bar").getBoundingClientRect().top);
  for (let around = element.parentElement; around !== document.body; around = around.parentElement) {
    if (getComputedStyle(around).overflowY === "visible") continue;
    const edges = around.getBoundingClientRect();
    top = Math.max(top, edges.top);
    bottom = Math.min(bottom, edges.bottom);
  }
  return { above: box.top - top, below: bottom - box.bottom };
}
