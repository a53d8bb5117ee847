"use strict";

const number = (cell) => ("value" in cell.dataset ? Number(cell.dataset.value) : null);

function compare(a, b, direction) {
  const [x, y] = [number(a), number(b)];
  if (x !== null && y !== null) return direction * (x - y);
  if (x !== null || y !== null) return x === null ? 1 : -1; // what has no number stands last either way
  return direction * a.textContent.localeCompare(b.textContent);
}

function sortBy(heading) {
  const body = heading.closest("table").tBodies[0];
  const column = heading.cellIndex;
  const numeric = heading.classList.contains("number");
  const previous = heading.getAttribute("aria-sort");
  const next = previous ? (previous === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
  for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", next);
  const direction = next === "ascending" ? 1 : -1;
  body.append(...[...body.rows].sort((a, b) => compare(a.cells[column], b.cells[column], direction)));
}

for (const heading of document.querySelectorAll("thead th")) {
  const rows = [...heading.closest("table").tBodies[0].rows];
  heading.classList.toggle("number", rows.some((row) => number(row.cells[heading.cellIndex]) !== null));
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = heading.textContent;
  button.addEventListener("click", () => sortBy(heading));
  heading.replaceChildren(button);
}

for (const search of document.querySelectorAll(".search")) {
  const input = search.querySelector("input");
  const rows = [...document.getElementById(input.getAttribute("aria-controls")).tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let found = 0;
    rows.forEach((row, i) => {
      row.hidden = !texts[i].includes(wanted);
      found += row.hidden ? 0 : 1;
    });
    search.querySelector("output").textContent = `${found.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  });
  search.hidden = false;
}

// What goes on beyond the right edge fades there.
for (const box of document.querySelectorAll(".scroll")) {
  const look = () => box.classList.toggle("more", box.scrollWidth - box.clientWidth - box.scrollLeft > 8);
  box.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(box);
}

window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => (part.open = true)));
