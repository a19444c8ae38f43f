// The parts of the day: a ribbon of 24 hours on which their starts are dragged, and the fields of the chosen one.

import { draggable, made, place, scale, snapped } from "page/rules_bars";
import { linesOf } from "page/rules_fields";
import { DAY_MIN, minutesOf, timeOf } from "page/rules_time";
import { say } from "page/said";

const KEY = "dayparts";
const LEAST_MIN = 5;
const within = (minutes) => ((minutes % DAY_MIN) + DAY_MIN) % DAY_MIN;

/** `chosen(n)` is called with the number of the part that is edited, null for the whole house. */
export function partsEditor(draft, words, chosen) {
  const ribbon = document.getElementById("ribbon");
  const tabs = document.getElementById("part-tabs");
  const fields = document.getElementById("part-fields");
  const house = document.getElementById("house-fields");
  const steps = document.getElementById("step");
  const step = (event) => (event?.shiftKey ? 20 - Number(steps.value) : Number(steps.value));
  let parts = draft.get(KEY);
  let at = null;
  let line;

  const start = (n) => minutesOf(parts[n].start) ?? 0;
  /** The numbers of the parts in the order of the day. */
  const order = () => parts.map((_, n) => n).sort((one, other) => start(one) - start(other));
  const next = (n, by = 1) => order().at((order().indexOf(n) + by + parts.length) % parts.length);
  const length = (n) => (parts.length === 1 ? DAY_MIN : within(start(next(n)) - start(n)));
  /** No part has the colour of a neighbour, also over midnight. */
  const colour = (n) => `colour-${order().indexOf(n) % (parts.length % 6 === 1 ? 5 : 6)}`;

  function keep() {
    draft.set(KEY, parts, ribbon);
  }

  /** Begin a part, and if `whole` end it, so many minutes later, as far as its neighbours leave room. */
  function moveBy(n, minutes, whole) {
    if (parts.length === 1) {
      parts[n].start = timeOf(within(start(n) + minutes));
      return;
    }
    const back = length(next(n, -1)) - LEAST_MIN;
    const on = (whole && parts.length > 2 ? length(next(n)) : length(n)) - LEAST_MIN;
    if (whole && parts.length === 2) return moveAll(minutes);
    const by = Math.max(-back, Math.min(on, minutes));
    const after = next(n);
    const [own, others] = [start(n) + by, start(after) + by];
    parts[n].start = timeOf(within(own));
    if (whole) parts[after].start = timeOf(within(others));
  }

  function moveAll(minutes) {
    for (const part of parts) part.start = timeOf(within(minutesOf(part.start) + minutes));
  }

  function movable(element, n, whole) {
    draggable(element, ribbon, line, {
      begin: () => structuredClone(parts),
      move(from, minutes, event) {
        parts = structuredClone(from);
        moveBy(n, snapped(start(n) + minutes, step(event)) - start(n), whole);
        draw();
      },
      end(from, isMoved) {
        if (isMoved) keep();
        else parts = from;
        choose(n);
        focusOn(n, whole);
      },
    });
    element.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -step(event), ArrowRight: step(event) }[event.key];
      if (by) {
        moveBy(n, by, whole);
        keep();
        choose(n);
      } else if (event.key === "Enter" || event.key === " ") choose(n);
      else if (event.key === "Delete" && whole) return remove(n);
      else return;
      event.preventDefault();
      event.stopPropagation();
      focusOn(n, whole);
    });
  }

  const focusOn = (n, whole) => ribbon.querySelector(`[data-n="${n}"] ${whole ? ".part-body" : ".bar-end"}`)?.focus();

  function segment(n) {
    const [from, long] = [start(n), length(n)];
    const pieces = from + long > DAY_MIN ? [[from, DAY_MIN], [0, from + long - DAY_MIN]] : [[from, from + long]];
    return pieces.map(([first, last], piece) => {
      const element = made("div", `part-span ${colour(n)}${n === at ? " chosen" : ""}`, { "data-n": n });
      place(element, first, last);
      const isMain = piece === 0;
      const body = made("div", "part-body", isMain ? {
        role: "button", tabindex: 0, "aria-pressed": n === at, "aria-label": `${parts[n].name}, ${timeOf(from)}–${timeOf(within(from + long))}`,
      } : { "aria-hidden": "true" }, made("span", "bar-text", {}, parts[n].name));
      movable(body, n, true);
      element.append(body);
      if (isMain) {
        const handle = made("span", "bar-end start", {
          role: "slider", tabindex: 0, "aria-label": `${parts[n].name} ${words.begins}`,
          "aria-valuemin": 0, "aria-valuemax": DAY_MIN, "aria-valuenow": from, "aria-valuetext": timeOf(from),
        });
        movable(handle, n, false);
        element.append(handle);
      }
      return element;
    });
  }

  function draw() {
    const track = made("div", "day-line");
    line = track;
    for (const n of order()) track.append(...segment(n));
    ribbon.replaceChildren(scale(), track);
    const tab = (n, ...label) => {
      const button = made("button", "tab", { type: "button", "aria-pressed": n === at }, ...label);
      button.addEventListener("click", () => {
        choose(n);
        tabs.children[n === null ? 0 : order().indexOf(n) + 1].focus();
      });
      return button;
    };
    tabs.replaceChildren(tab(null, words.house), ...order().map((n) => tab(n, made("span", `dot ${colour(n)}`), parts[n].name, made("span", "muted", {}, timeOf(start(n))))));
  }

  const inPart = (name) => name.split(".").reduce((here, word) => here?.[word], parts[at]);

  function fill() {
    house.hidden = at !== null;
    fields.hidden = at === null;
    if (at === null) return;
    document.getElementById("part-title").textContent = parts[at].name;
    for (const input of fields.querySelectorAll("[data-part]")) {
      const name = input.dataset.part;
      const value = inPart(name);
      if (name === "volume") {
        input.disabled = value === null || value === undefined;
        input.value = value ?? draft.get("playback.volume");
        input.parentElement.querySelector("output").textContent = input.disabled ? words.as_set : `${value} %`;
      } else if (name === "volume-kept") input.checked = value === undefined && (parts[at].volume ?? null) === null;
      else if (input.type === "checkbox") input.checked = Boolean(value);
      else if (input.tagName === "TEXTAREA") input.value = (value ?? []).join("\n");
      else if (name === "start") input.value = timeOf(start(at));
      else {
        if (name === "mood" && ![...input.options].some((option) => option.value === value)) input.append(made("option", "", { value }, value));
        input.value = value ?? "";
      }
    }
  }

  /** Let a part's setting be this; one that says what holds anyhow and does not stand there yet is left out. */
  function put(name, value, usual) {
    const way = name.split(".");
    const last = way.pop();
    if (inPart(name) === undefined && JSON.stringify(value) === JSON.stringify(usual)) return;
    let here = parts[at];
    for (const word of way) here = here[word] ??= {};
    here[last] = value;
  }

  fields.addEventListener("input", ({ target }) => {
    const name = target.dataset.part;
    if (!name) return;
    if (name === "volume") put(name, Number(target.value));
    else if (name === "volume-kept") put("volume", target.checked ? null : draft.get("playback.volume"));
    else if (target.type === "checkbox") put(name, target.checked, false);
    else if (target.tagName === "TEXTAREA") put(name, linesOf(target.value), []);
    else if (target.type === "number") put(name, target.value === "" ? null : Number(target.value), null);
    else if (name === "start" || name === "name") { if (target.value) put(name, target.value); }
    else put(name, target.value === "" ? null : target.value, null);
    keep();
    draw();
    if (name.startsWith("volume") || name === "start") fill();
    document.getElementById("part-title").textContent = parts[at].name;
    chosen(at);
  });

  function choose(n) {
    at = n !== null && n < parts.length ? n : null;
    draw();
    fill();
    chosen(at);
  }

  function remove(n) {
    if (parts.length === 1) return say(words.last_part, "refused");
    choose(null); // before the others hear of it: the number is gone then
    parts.splice(n, 1);
    keep();
    choose(null);
    tabs.firstChild.focus();
  }

  document.getElementById("remove-part").addEventListener("click", () => remove(at));
  document.getElementById("add-part").addEventListener("click", () => {
    const from = at ?? order().reduce((one, other) => (length(other) > length(one) ? other : one));
    const half = snapped(length(from) / 2, 15);
    if (half < LEAST_MIN || half >= length(from)) return say(words.no_room, "refused");
    const names = parts.map((part) => part.name);
    let name = words.new_part;
    for (let n = 2; names.includes(name); n += 1) name = `${words.new_part} ${n}`;
    parts.push({ ...structuredClone(parts[from]), name, start: timeOf(within(start(from) + half)) });
    keep();
    choose(parts.length - 1);
    document.getElementById("p-name").focus();
    document.getElementById("p-name").select();
  });

  draft.listen((source) => {
    if (source === ribbon) return;
    parts = draft.get(KEY);
    choose(at);
  });
  choose(null);

  return {
    get parts() { return parts; },
    colour,
    /** Let the chosen part's moods reach from and to these. */
    range(valence, energy) {
      put("valence", valence, [-1, 1]);
      put("energy", energy, [-1, 1]);
      keep();
    },
  };
}
