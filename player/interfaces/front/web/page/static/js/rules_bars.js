// Bars on a line of 24 hours that can be dragged and moved by keys. A bar that goes over midnight is drawn in two
// pieces. Horizontal dragging edits; on a phone a vertical one scrolls the page, as everywhere.

import { DAY_MIN } from "page/rules_time";

/** An element of this class, with these attributes and children. */
export function made(tag, className, attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Put an element where its minutes are on the line. */
export function place(element, start, end) {
  element.style.left = `${(start / DAY_MIN) * 100}%`;
  element.style.width = `${((end - start) / DAY_MIN) * 100}%`;
}

export const snapped = (minutes, step) => Math.round(minutes / step) * step;

/**
 * Let an element be dragged; `root` is around it and stays when it is drawn anew. `does.begin(event)` returns what the movement starts from, or null for none;
 * `does.move(from, minutes, event)` is called with how far the pointer has come; `does.end(from, moved)` at last.
 */
export function draggable(element, root, line, does) {
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const from = does.begin(event);
    if (from === null) return;
    event.preventDefault();
    event.stopPropagation();
    root.setPointerCapture(event.pointerId);
    const x = event.clientX;
    const perPixel = DAY_MIN / line.getBoundingClientRect().width;
    let moved = false;
    const move = (next) => {
      if (next.pointerId !== event.pointerId) return;
      moved ||= Math.abs(next.clientX - x) > 3 || Math.abs(next.clientY - event.clientY) > 8;
      if (moved) does.move(from, (next.clientX - x) * perPixel, next);
    };
    const end = (next) => {
      if (next.pointerId !== event.pointerId) return;
      root.removeEventListener("pointermove", move);
      root.removeEventListener("pointerup", end);
      root.removeEventListener("pointercancel", end);
      does.end(from, moved && next.type === "pointerup", next);
    };
    root.addEventListener("pointermove", move);
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
  });
}

/** The hours above a line. */
export function scale() {
  const line = made("div", "scale", { "aria-hidden": "true" });
  for (let hour = 0; hour <= 24; hour += 3) {
    const mark = made("span", hour % 6 ? "minor" : "", {}, String(hour));
    mark.style.left = `${(hour / 24) * 100}%`;
    line.append(mark);
  }
  return line;
}
