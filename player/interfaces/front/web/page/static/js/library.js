// The view Library: keeps the map, the list and the track that is looked at together.

import { ask, base } from "page/api";
import { gestures } from "page/gestures";
import { handle } from "page/handle";
import { planeView } from "page/plane";
import { draw, nearest, neighbour, trackPoints } from "page/points";
import { say, sayWhy } from "page/said";

const AGAIN_MS = 15000; // while the analysis adds tracks, the map is asked for no more often
const NAMED_MS = 80;

const map = document.getElementById("map");
const part = (selector) => map.querySelector(selector);
const [canvas, box, tip] = [part("canvas"), part(".plane"), part(".tip")];
const undo = part(".undo");
const words = [...map.querySelectorAll(".words [data-word]")].map((each) => ({
  word: each.dataset.word, v: Number(each.dataset.v), e: Number(each.dataset.e), shown: each,
}));
const card = document.getElementById("card");
const plane = planeView();
let points = trackPoints({ ids: [], valence: [], energy: [], corrected: [], scale: 1 });
let [cursor, chosen, filter, drawing] = [-1, null, "", false];

const moodWord = (v, e) => words.reduce((best, each) => {
  const far = Math.hypot(each.v - v, each.e - e);
  return far < best.far ? { far, word: each.word } : best;
}, { far: Infinity, word: "" }).word;
const sentence = (form, values) => form.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/* What is drawn. */
function put(element, v, e) {
  element.hidden = false;
  element.style.left = `${plane.x(v)}px`;
  element.style.top = `${plane.y(e)}px`;
}

function mark(element, id) {
  const i = points.at.get(id);
  if (i === undefined) element.hidden = true;
  else put(element, points.v[i], points.e[i]);
}

function show() {
  draw(canvas, points, plane);
  for (const each of words) put(each.shown, each.v, each.e);
  mark(part(".spot.playing"), Number(document.querySelector("[data-playing]")?.dataset.playing));
  const cursorMark = part(".spot.cursor");
  if (cursor < 0) cursorMark.hidden = true;
  else put(cursorMark, points.v[cursor], points.e[cursor]);
  if (held && !held.held) showChosen();
  else held?.place();
  part(".is-corrected").hidden = !points.corrected.size;
  part(".waits").hidden = points.ids.length > 0 || !loaded;
  canvas.dataset.drawn = points.ids.length;
}

function showSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; show(); });
}

/* A track that is pointed at: its name is asked for, and remembered. */
const names = new Map();
let naming;
let lastTip = -1;

function tell(text, v, e) {
  put(tip, v, e);
  tip.classList.toggle("leftwards", plane.x(v) > plane.view.width / 2);
  tip.classList.toggle("below", plane.y(e) < 60);
  tip.textContent = text;
}

function name(i) {
  clearTimeout(naming);
  lastTip = i;
  if (i < 0) {
    if (!held?.held) tip.hidden = true;
    return;
  }
  const id = points.ids[i];
  const shown = () => { if (lastTip === i && !held?.held) tell(names.get(id), points.v[i], points.e[i]); };
  if (names.has(id)) return shown();
  naming = setTimeout(async () => {
    try {
      const { track } = await ask("GET", `/api/library/${id}`);
      names.set(id, `${track.title} – ${track.artist || map.dataset.nameless}`);
      shown();
    } catch { /* it has gone meanwhile */ }
  }, NAMED_MS);
}

function point(i) {
  if (i === cursor && i === lastTip) return;
  cursor = i;
  name(i);
  const cursorMark = part(".spot.cursor");
  if (i < 0) cursorMark.hidden = true;
  else put(cursorMark, points.v[i], points.e[i]);
}

/* The track that is looked at. */
const open = (id) => htmx.ajax("GET", `${base}/library/${id}/card`, { target: "#card", swap: "innerMorph" });

function showChosen() {
  const button = part(".handle");
  if (!button) return mark(part(".spot.cursor"), chosen?.id);
  const i = chosen ? points.at.get(chosen.id) : undefined;
  const [v, e] = i === undefined ? [chosen?.v, chosen?.e] : [points.v[i], points.e[i]];
  button.hidden = v === undefined;
  if (button.hidden) return;
  held.put(v, e);
  button.setAttribute("aria-label", sentence(map.dataset.handle, { title: chosen.title, mood: moodWord(v, e) }));
}

function look(shown) {
  const { id, title, v, e } = shown?.dataset ?? {};
  chosen = shown ? { id: Number(id), title, v: v === undefined ? undefined : Number(v), e: e === undefined ? undefined : Number(e) } : null;
  document.querySelector(".library").classList.toggle("has-card", card.childElementCount > 0);
  for (const each of document.querySelectorAll("[data-track]")) {
    each.toggleAttribute("aria-current", chosen?.id === Number(each.dataset.track));
  }
  const address = new URL(location);
  if (chosen) address.searchParams.set("track", chosen.id);
  else address.searchParams.delete("track");
  history.replaceState(null, "", address);
  if (chosen && undo.dataset.id !== String(chosen.id)) undo.hidden = true;
  if (chosen?.v !== undefined) plane.show(chosen.v, chosen.e);
  showSoon();
}

function close() {
  card.replaceChildren();
  look(null);
  (document.querySelector("[data-track][aria-current]") ?? canvas).focus({ preventScroll: true });
}

/* The owner's word on its mood. */
const others = new BroadcastChannel("moods");

function moved(id, mood, isCorrected) {
  const i = points.at.get(id);
  if (isCorrected) points.corrected.add(id);
  else points.corrected.delete(id);
  if (i === undefined || !mood) return refresh();
  [points.v[i], points.e[i]] = [mood.valence, mood.energy];
  return undefined;
}

async function correct(fields) {
  const { id, title } = chosen;
  try {
    const { mood } = await ask("PUT", `/api/library/${id}/mood`, fields);
    others.postMessage(id);
    moved(id, mood, mood?.by === "owner");
    undo.hidden = false;
    undo.dataset.id = id;
    undo.dataset.title = title;
    const text = mood ? sentence(map.dataset.moved, { title, mood: moodWord(mood.valence, mood.energy) }) : title;
    undo.classList.toggle("above", (mood?.energy ?? 0) < 0);
    undo.querySelector("span").textContent = text;
  } catch (error) {
    sayWhy(error);
  }
  tip.hidden = true;
  if (chosen?.id === id) await open(id);
}

async function takeBack() {
  const id = Number(undo.dataset.id);
  try {
    const { mood } = await ask("POST", `/api/library/${id}/mood/undo`);
    others.postMessage(id);
    moved(id, mood, mood?.by === "owner");
    undo.hidden = true;
    if (mood) say(sentence(map.dataset.undone, { title: undo.dataset.title, mood: moodWord(mood.valence, mood.energy) }));
    (part(".handle:not([hidden])") ?? canvas).focus({ preventScroll: true });
  } catch (error) {
    sayWhy(error);
  }
  await open(id);
}

const held = part(".handle") && handle(part(".handle"), plane, {
  moving: (v, e) => tell(moodWord(v, e), v, e),
  dropped: (valence, energy) => correct({ valence, energy }),
  back: () => { tip.hidden = true; },
});

/* The map's own data. */
let [loaded, asked, again] = [false, 0, 0];

async function refresh() {
  clearTimeout(again);
  asked = performance.now();
  try {
    const answer = await ask("GET", "/api/library/map");
    const version = points.version;
    if (answer.version !== version || !loaded) {
      points = Object.assign(trackPoints(answer), { version: answer.version });
      [cursor, loaded] = [-1, true];
      await find(filter);
    }
  } catch (error) {
    sayWhy(error);
  }
  showSoon();
}

function refreshSoon() {
  clearTimeout(again);
  again = setTimeout(refresh, Math.max(0, asked + AGAIN_MS - performance.now()));
}

async function find(text) {
  filter = text;
  let found = null;
  if (text && points.ids.length) {
    const answer = await ask("GET", `/api/library/map?text=${encodeURIComponent(text)}`);
    if (text !== filter) return;
    found = new Uint8Array(points.ids.length);
    for (const id of answer.ids) {
      const i = points.at.get(id);
      if (i !== undefined) found[i] = 1;
    }
  }
  points.found = found;
  showSoon();
}

/* What people do. */
const zoomed = (factor) => {
  if (factor) plane.zoomBy(factor, ...(cursor < 0 ? [] : [plane.x(points.v[cursor]), plane.y(points.e[cursor])]));
  else plane.whole();
  seen();
};
const { seen } = gestures(canvas, plane, {
  moved: showSoon,
  zoomedOut: (whole) => { part('[data-zoom="0"]').disabled = whole; },
  pointed: (x, y, reach) => point(nearest(points, plane, x, y, reach)),
  left: () => { if (document.activeElement !== canvas) point(-1); },
  tapped(x, y, reach) {
    const i = nearest(points, plane, x, y, reach);
    point(i);
    if (i >= 0) open(points.ids[i]);
  },
  stepped(right, up) {
    const from = cursor >= 0 ? cursor : (points.at.get(chosen?.id) ?? -1);
    const i = from < 0 ? nearest(points, plane, plane.view.width / 2, plane.view.height / 2, Infinity) : neighbour(points, plane, from, right, up);
    if (i < 0) return;
    if (plane.show(points.v[i], points.e[i])) showSoon();
    point(i);
  },
  chosen() {
    byKeys = true;
    if (cursor >= 0) open(points.ids[cursor]).then(() => card.focus());
  },
  zoomed,
});
canvas.addEventListener("blur", () => point(-1));

let [lastSaid, byKeys] = ["{}", false];
document.addEventListener("click", (event) => {
  byKeys = event.detail === 0;
  const zoom = event.target.closest("[data-zoom]");
  if (zoom) zoomed(Number(zoom.dataset.zoom));
  if (event.target.closest("[data-undo]")) takeBack();
  if (event.target.closest("[data-close]")) close();
  if (event.target.closest("[data-as-heard]")) correct({});
});
card.addEventListener("submit", (event) => {
  event.preventDefault();
  const [valence, energy] = event.target.elements.word.value.split(" ").map(Number);
  correct({ valence, energy });
});
document.addEventListener("htmx:after:swap", () => {
  const shown = card.querySelector("[data-id]");
  const said = JSON.stringify({ ...shown?.dataset });
  if (said !== lastSaid) {
    const isOther = Number(shown?.dataset.id) !== chosen?.id;
    lastSaid = said;
    look(shown);
    if (isOther && shown && byKeys) card.focus();
    else if (isOther && shown && !matchMedia("(min-width: 64rem)").matches) card.scrollIntoView({ block: "nearest" });
  }
  const text = document.getElementById("find-text").value.trim();
  if (text !== filter) find(text).catch(sayWhy);
});
document.getElementById("find").addEventListener("submit", (event) => event.preventDefault());

/* What changes by itself, or in another tab. */
others.addEventListener("message", ({ data }) => {
  refresh();
  if (chosen?.id === data) open(data);
});
let state = { ...document.querySelector(".state")?.dataset };
new MutationObserver(() => {
  const now = { ...document.querySelector(".state")?.dataset };
  if (now.heard !== state.heard) refreshSoon();
  if (now.unreadable !== state.unreadable) document.getElementById("problems").dispatchEvent(new Event("unreadable"));
  if (now.playing !== state.playing) showSoon();
  state = now;
}).observe(document.getElementById("library-state"), { subtree: true, childList: true, attributes: true });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showSoon);
new ResizeObserver(() => {
  plane.resize(box.clientWidth, box.clientHeight);
  showSoon();
}).observe(box);

filter = document.getElementById("find-text").value.trim();
look(card.querySelector("[data-id]"));
refresh();
