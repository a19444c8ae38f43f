// The ranges of moods as frames on the plane of valence (sad to happy) and energy (still to lively): one is dragged
// by its middle, its sides and corners, or moved by keys; the others are shown faintly.

import { made } from "page/rules_bars";

const STEP = 0.05;
const LEAST = 0.05;
const SIDES = {
  left: { axis: "valence", end: 0, label: "saddest" },
  right: { axis: "valence", end: 1, label: "happiest" },
  bottom: { axis: "energy", end: 0, label: "stillest" },
  top: { axis: "energy", end: 1, label: "liveliest" },
};
const CORNERS = ["left top", "right top", "left bottom", "right bottom"];
const round = (number) => Math.round(number * 100) / 100;
const held = (number, least, most) => Math.min(most, Math.max(least, number));

/** `changed(valence, energy)` is called with the new range of what is edited, once it stays there. */
export function planeEditor(words, changed) {
  const plane = document.getElementById("plane");
  const korean = document.documentElement.lang === "ko";
  const others = made("div", "others", { "aria-hidden": "true" });
  const body = made("div", "frame-body", { role: "button", tabindex: 0, "aria-describedby": "plane-said" });
  const frame = made("div", "frame", {}, body);
  const target = made("span", "target", { "aria-hidden": "true", hidden: "" });
  let range = { valence: [-1, 1], energy: [-1, 1] };
  let title = "";

  const lies = (element, valence, energy) => {
    element.style.left = `${(valence + 1) * 50}%`;
    element.style.top = `${(1 - energy) * 50}%`;
  };
  function stretch(element, { valence, energy }) {
    lies(element, valence[0], energy[1]);
    element.style.width = `${(valence[1] - valence[0]) * 50}%`;
    element.style.height = `${(energy[1] - energy[0]) * 50}%`;
  }

  for (const mood of words.moods.slice(0, 13)) {
    const word = made("span", "mood-word", { "aria-hidden": "true" }, korean ? mood.korean : mood.name);
    lies(word, mood.valence, mood.energy);
    plane.append(word);
  }
  plane.append(others, frame, target);
  new ResizeObserver(apart).observe(plane);
  const sides = {};
  for (const [side, { label }] of Object.entries(SIDES)) {
    sides[side] = made("span", `side ${side}`, {
      role: "slider", tabindex: 0, "aria-label": words[label], "aria-valuemin": -1, "aria-valuemax": 1,
      "aria-orientation": side === "left" || side === "right" ? "horizontal" : "vertical",
    });
    frame.append(sides[side]);
    movable(sides[side], [side]);
  }
  for (const corner of CORNERS) {
    const element = made("span", `corner ${corner}`, { "aria-hidden": "true" });
    frame.append(element);
    movable(element, corner.split(" "));
  }
  movable(body, []);

  /** Of words that would lie on each other, only the first is shown. */
  function apart() {
    const shown = [];
    for (const word of plane.querySelectorAll(".mood-word")) {
      const [box, whole] = [word.getBoundingClientRect(), plane.getBoundingClientRect()];
      const clash = shown.some((each) => box.left < each.right && box.right > each.left && box.top < each.bottom && box.bottom > each.top);
      word.classList.toggle("hides", clash || box.right > whole.right || box.left < whole.left);
      if (!clash) shown.push(box);
    }
  }

  /** The range with these sides so much farther; without sides all of it, as far as the plane goes. */
  function shifted({ valence, energy }, by, which) {
    const next = { valence: [...valence], energy: [...energy] };
    for (const axis of ["valence", "energy"]) {
      const [low, high] = next[axis];
      if (!which.length) {
        const go = held(by[axis], -1 - low, 1 - high);
        next[axis] = [round(low + go), round(high + go)];
      }
    }
    for (const side of which) {
      const { axis, end } = SIDES[side];
      const ends = next[axis];
      ends[end] = round(end ? held(ends[1] + by[axis], ends[0] + LEAST, 1) : held(ends[0] + by[axis], -1, ends[1] - LEAST));
    }
    return next;
  }

  function movable(element, which) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      plane.setPointerCapture(event.pointerId);
      const before = range;
      const box = plane.getBoundingClientRect();
      const move = (next) => {
        const by = { valence: ((next.clientX - event.clientX) / box.width) * 2, energy: ((event.clientY - next.clientY) / box.height) * 2 };
        // To the hundredth, but whole steps unless Shift is held: nobody means 0.37.
        const fine = next.shiftKey ? 100 : 1 / STEP;
        for (const axis of Object.keys(by)) by[axis] = Math.round(by[axis] * fine) / fine;
        range = shifted(before, by, which);
        draw();
      };
      const end = (last) => {
        for (const [kind, does] of heard) plane.removeEventListener(kind, does);
        if (last.type === "pointercancel") range = before;
        draw();
        (element.tabIndex < 0 ? body : element).focus({ preventScroll: true });
        if (range !== before) changed(range.valence, range.energy);
      };
      const heard = [["pointermove", move], ["pointerup", end], ["pointercancel", end]];
      for (const [kind, does] of heard) plane.addEventListener(kind, does);
    });
    element.addEventListener("keydown", (event) => {
      const size = event.shiftKey ? 0.01 : STEP;
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      range = shifted(range, { valence: way[0] * size, energy: way[1] * size }, which);
      draw();
      changed(range.valence, range.energy);
    });
  }

  function draw() {
    stretch(frame, range);
    for (const [side, { axis, end }] of Object.entries(SIDES)) sides[side].setAttribute("aria-valuenow", range[axis][end]);
    body.setAttribute("aria-label", `${words.frame}: ${title}`);
    const [valence, energy] = [range.valence, range.energy];
    const told = { part: title, saddest: valence[0], happiest: valence[1], stillest: energy[0], liveliest: energy[1] };
    document.getElementById("plane-said").textContent = words.allowed.replace(/\{(\w+)\}/g, (_, name) => told[name]);
  }

  /** Edit this range; `faint` are others to show, each with the class `kind`; `mood` is where a part begins. */
  return function edit({ name, valence, energy, mood, kind }, faint) {
    title = name;
    range = { valence: [...valence], energy: [...energy] };
    document.getElementById("plane-title").textContent = name;
    frame.className = `frame ${kind}`;
    others.replaceChildren(...faint.map((each) => {
      const element = made("div", `faint ${each.kind}`);
      stretch(element, each);
      return element;
    }));
    const point = words.moods.find((each) => each.name === mood);
    target.hidden = !point;
    if (point) lies(target, point.valence, point.energy);
    draw();
  };
}
