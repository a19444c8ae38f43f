// The opening hours as a week: a line for each day, bars that are dragged or moved by keys, and the times of the
// chosen day to write.

import { draggable, made, place, scale, snapped } from "page/rules_bars";
import { DAY_MIN, DAYS, minutesOf, openOf, spansOf, textOf, timeOf, weekOf } from "page/rules_time";
import { say } from "page/said";

const KEY = "hours.open";
const WEEK_MIN = 7 * DAY_MIN;
const USUAL = "09:00-18:00"; // what a day without hours begins with when some are added

/** How many minutes of the week two bars of it share. */
function overlap(week) {
  const all = week.flatMap((spans, day) => spans.map(({ start, end }) => [day * DAY_MIN + start, day * DAY_MIN + end]))
    .sort((one, other) => one[0] - other[0]);
  if (!all.length) return 0;
  all.push([all[0][0] + WEEK_MIN, all[0][1] + WEEK_MIN]);
  return all.slice(1).reduce((sum, [start], n) => sum + Math.max(0, all[n][1] - start), 0);
}

export function weekEditor(draft, words) {
  const root = document.getElementById("week");
  const panel = document.getElementById("day-panel");
  const always = document.querySelector("#hours .always");
  const steps = document.getElementById("step");
  const step = (event) => (event?.shiftKey ? 20 - Number(steps.value) : Number(steps.value));
  let week = weekOf(draft.get(KEY) ?? {});
  let chosen = 0;
  let line;

  const said = ({ start, end }) => `${timeOf(start)}–${timeOf(end)}${end > DAY_MIN ? ` (${words.next_day})` : ""}`;

  /** Let a bar be elsewhere, if it fits there. Returns the bar's day and number, null where it does not fit. */
  function moved(day, n, start, end) {
    if (end - start < 5 || end - start > DAY_MIN) return null;
    const at = (((day * DAY_MIN + start) % WEEK_MIN) + WEEK_MIN) % WEEK_MIN;
    const span = { start: at % DAY_MIN, end: (at % DAY_MIN) + end - start };
    if (span.end - span.start === DAY_MIN && span.start !== 0) return null; // config.yaml has no words for it
    const next = week.map((spans) => [...spans]);
    next[day].splice(n, 1);
    const there = Math.floor(at / DAY_MIN);
    next[there].push(span);
    next[there].sort((one, other) => one.start - other.start);
    if (overlap(next) > overlap(week)) return null;
    week = next;
    return { day: there, n: next[there].indexOf(span) };
  }

  function keep() {
    draft.set(KEY, openOf(week, draft.saved(KEY) ?? {}), root);
  }

  function focusBar({ day, n }, part = "") {
    root.querySelector(`[data-day="${day}"][data-n="${n}"] ${part ? `[data-end="${part}"]` : ".bar-body"}`)?.focus();
  }

  function byKey(event, day, n, part) {
    const { start, end } = week[day][n];
    const by = { ArrowLeft: -step(event), ArrowRight: step(event) }[event.key];
    const days = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    let there = null;
    if (by && part === "start") there = moved(day, n, start + by, end);
    else if (by && part === "end") there = moved(day, n, start, end + by);
    else if (by) there = moved(day, n, start + by, end + by);
    else if (days && !part) there = moved(day, n, start + days * DAY_MIN, end + days * DAY_MIN);
    else if (event.key === "Delete" || event.key === "Backspace") {
      week[day].splice(n, 1);
      there = { day, n: 0 };
    } else return;
    event.preventDefault();
    event.stopPropagation();
    if (!there) return say(words.overlap, "refused");
    chosen = there.day;
    keep();
    draw();
    focusBar(there, part);
    if (!week[there.day].length) root.querySelectorAll(".day-name")[there.day].focus();
  }

  function bar(day, n) {
    const span = week[day][n];
    const element = made("div", "bar-span", { "data-day": day, "data-n": n });
    place(element, span.start, Math.min(span.end, DAY_MIN));
    const body = made("div", "bar-body", { role: "button", tabindex: 0, "aria-label": `${words.days_long[day]} ${said(span)}` },
      made("span", "bar-text", { "aria-hidden": "true" }, said(span).replace(/ \(.*/, "")));
    element.append(body);
    const ends = [["start", words.opens, span.start]];
    if (span.end <= DAY_MIN) ends.push(["end", words.closes, span.end]);
    for (const [part, name, minutes] of ends) element.append(end(day, n, part, name, minutes));
    dragBar(body, day, n);
    return element;
  }

  /** What of a bar lies in the next day. */
  function rest(day, n) {
    const span = week[day][n];
    const element = made("div", "bar-span rest", { "data-day": day, "data-n": n });
    const body = made("div", "bar-body");
    place(element, 0, span.end - DAY_MIN);
    element.append(body, end(day, n, "end", words.closes, span.end));
    dragBar(body, day, n);
    return element;
  }

  function end(day, n, part, name, minutes) {
    const element = made("span", `bar-end ${part}`, {
      role: "slider", tabindex: 0, "data-end": part, "aria-label": `${words.days_long[day]}, ${name}`,
      "aria-valuemin": 0, "aria-valuemax": 2 * DAY_MIN, "aria-valuenow": minutes, "aria-valuetext": timeOf(minutes),
    });
    element.addEventListener("keydown", (event) => byKey(event, day, n, part));
    drag(element, day, n, part);
    return element;
  }

  function dragBar(element, day, n) {
    element.addEventListener("keydown", (event) => byKey(event, day, n, ""));
    drag(element, day, n, "");
  }

  function drag(element, day, n, part) {
    draggable(element, root, line, {
      begin: () => ({ week: week.map((spans) => [...spans]), span: week[day][n], there: { day, n } }),
      move(from, minutes, event) {
        const lastFit = week;
        week = from.week.map((spans) => [...spans]);
        const by = step(event);
        const { start, end: last } = from.span;
        let there;
        if (part === "start") there = moved(day, n, snapped(start + minutes, by), last);
        else if (part === "end") there = moved(day, n, start, snapped(last + minutes, by));
        else {
          const to = snapped(start + minutes, by);
          const days = event.pointerType === "mouse" ? rowAt(event.clientY, day) - day : 0;
          there = moved(day, n, to + days * DAY_MIN, to + last - start + days * DAY_MIN);
        }
        if (there) from.there = there;
        else week = lastFit;
        draw(true);
      },
      end(from, isMoved) {
        if (isMoved) keep();
        else week = from.week;
        chosen = from.there.day;
        draw();
        focusBar(from.there, part);
      },
    });
  }

  function rowAt(y, day) {
    const rows = [...root.querySelectorAll(".day-line")];
    const n = rows.findIndex((row) => y >= row.getBoundingClientRect().top && y < row.getBoundingClientRect().bottom);
    return n < 0 ? day : n;
  }

  /** A bar is drawn by pulling on an empty place with a mouse. */
  function drawn(element, day) {
    draggable(element, root, line, {
      begin: (event) => (event.pointerType === "mouse" && event.target === element ? { week, at: event } : null),
      move(from, minutes, event) {
        const box = line.getBoundingClientRect();
        const at = ((from.at.clientX - box.left) / box.width) * DAY_MIN;
        const [start, last] = [at, at + minutes].sort((one, other) => one - other).map((each) => snapped(each, step(event)));
        const span = { start: Math.max(0, start), end: Math.min(DAY_MIN, last) };
        const next = from.week.map((spans, n) => (n === day ? [...spans, span] : spans));
        next[day].sort((one, other) => one.start - other.start);
        if (span.end - span.start >= 5 && overlap(next) <= overlap(from.week)) week = next;
        draw(true);
      },
      end(from, isMoved) {
        chosen = day;
        if (isMoved && week !== from.week) keep();
        draw();
      },
    });
    element.addEventListener("click", (event) => {
      if (event.target === element && chosen !== day) {
        chosen = day;
        draw();
      }
    });
  }

  function draw(isMoving = false) {
    // While something is dragged its element stays, and what is drawn anew is the rest.
    const rows = DAYS.map((_, day) => {
      const name = made("button", "day-name", { type: "button", "aria-pressed": day === chosen, "aria-label": words.days_long[day] }, words.days[day]);
      name.addEventListener("click", () => {
        chosen = day;
        draw();
        root.querySelectorAll(".day-name")[day].focus();
      });
      const track = made("div", "day-line");
      line ??= track;
      return made("div", `day${day === chosen ? " chosen" : ""}`, {}, name, track);
    });
    line = rows[0].lastChild;
    rows.forEach((row, day) => {
      const track = row.lastChild;
      drawn(track, day);
      week[day].forEach((span, n) => track.append(bar(day, n)));
      const before = (day + 6) % 7;
      week[before].forEach((span, n) => { if (span.end > DAY_MIN) track.append(rest(before, n)); });
      if (!track.children.length) track.append(made("span", "closed-word", {}, words.closed));
    });
    root.replaceChildren(made("div", "day", {}, made("span", "day-name"), scale()), ...rows);
    always.hidden = Object.keys(draft.get(KEY) ?? {}).length > 0;
    if (!isMoving) drawPanel();
  }

  function timeField(name, label, minutes) {
    return made("label", "", {}, `${label} `, made("input", "", { type: "time", "data-time": name, value: timeOf(minutes % DAY_MIN), required: "" }));
  }

  function drawPanel() {
    const title = made("h3", "", { id: "day-title" }, words.days_long[chosen]);
    const rows = week[chosen].map((span, n) => {
      const row = made("div", "hours-row", { "data-n": n },
        timeField("start", words.from, span.start), timeField("end", words.to, span.end));
      if (span.end > DAY_MIN) row.append(made("span", "chip", {}, words.next_day));
      const remove = made("button", "quiet small", { type: "button", "aria-label": `${words.remove}: ${said(span)}` }, words.remove);
      remove.addEventListener("click", () => change((spans) => spans.splice(n, 1)));
      row.append(remove);
      row.addEventListener("change", () => written(row, n));
      return row;
    });
    if (!rows.length) rows.push(made("p", "muted", {}, words.closed));
    const buttons = made("div", "controls");
    const act = (label, does) => {
      const button = made("button", "quiet small", { type: "button" }, label);
      button.addEventListener("click", does);
      buttons.append(button);
    };
    act(words.add_hours, add);
    if (textOf(week[chosen]) !== "open") act(words.open_day, () => change((spans) => spans.splice(0, 7, ...spansOf("open"))));
    if (week[chosen].length) act(words.closed_day, () => change((spans) => spans.splice(0, 7)));
    act(words.like_all, () => copyTo([0, 1, 2, 3, 4, 5, 6]));
    if (chosen < 5) act(words.like_week, () => copyTo([0, 1, 2, 3, 4]));
    if (Object.keys(draft.get(KEY) ?? {}).length) act(words.always, () => { week = weekOf({}); keep(); draw(); });
    panel.replaceChildren(title, ...rows, buttons);
  }

  function change(how) {
    how(week[chosen]);
    keep();
    draw();
    panel.querySelector("button")?.focus();
  }

  function copyTo(days) {
    const spans = week[chosen];
    for (const day of days) week[day] = spans.map((span) => ({ ...span }));
    keep();
    draw();
  }

  function add() {
    const spans = week[chosen];
    const whole = textOf(spans) === "open";
    const wanted = whole ? [] : spans;
    const [usual] = spansOf(USUAL);
    const last = wanted.at(-1);
    const span = last ? { start: last.end + 60, end: last.end + 180 } : usual;
    if (span.end > DAY_MIN) return say(words.overlap, "refused");
    change((each) => each.splice(0, 7, ...wanted, span));
  }

  function written(row, n) {
    const [start, last] = [...row.querySelectorAll("input")].map((input) => minutesOf(input.value));
    if (start === null || last === null) return;
    const end = last > start ? last : last + DAY_MIN;
    if (!moved(chosen, n, start, start === 0 && last === 0 ? DAY_MIN : end)) say(words.overlap, "refused");
    keep();
    draw();
  }

  draft.listen((source) => {
    if (source === root) return;
    const text = JSON.stringify(week);
    week = weekOf(draft.get(KEY) ?? {});
    if (JSON.stringify(week) !== text || !source) draw();
  });
  draw();
}
