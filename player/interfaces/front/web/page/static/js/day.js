// The view Day: reads the chart where one points or goes with the arrow keys, and keeps the now-line where it is.

import { base } from "page/api";

const drawn = document.getElementById("drawn");
const chart = () => drawn.querySelector(".chart");
const box = () => drawn.querySelector(".scroll");
const AGAIN_MS = 1000;
let at = -1;

function places() {
  const { start, hour, pad, step, steps } = chart().dataset;
  return { start: Number(start), hour: Number(hour), pad: Number(pad), width: (Number(step) / 3600) * Number(hour), steps: JSON.parse(steps) };
}

/** What the chart says at a step of its curves. */
function read(i, x) {
  const { steps, width, pad } = places();
  if (!steps.length) return;
  at = Math.max(0, Math.min(steps.length - 1, i));
  const [clock, room, music, people, volume] = steps[at];
  const line = x ?? pad + (at + 0.5) * width;
  const say = (name, value) => (value === null ? [] : [drawn.dataset[name].replace("{}", value)]);
  const under = [...drawn.querySelectorAll(".blocks rect, .sign:not(.legend *)")].filter((each) => {
    const { x: left, width: wide } = each.getBBox();
    return left - 2 <= line && line <= left + wide + 2;
  });
  const named = [...new Set(under.map((each) => each.querySelector("title")?.textContent.replace(/^\d\d:\d\d /, "")))].filter(Boolean);
  drawn.querySelector(".hair").setAttribute("d", `M${line} 0V344`);
  chart().classList.add("is-read");
  drawn.querySelector(".reading").textContent = [clock, ...say("room", room), ...say("music", music), ...say("people", people), ...say("volume", volume), ...named].join(" · ");
}

/** The list from a play on. */
function goTo(id) {
  const row = document.getElementById(`play-${id}`);
  const show = (found) => {
    found?.scrollIntoView({ block: "center" });
    found?.classList.add("is-shown");
    setTimeout(() => found?.classList.remove("is-shown"), 2500);
  };
  if (row) return show(row);
  const query = new URLSearchParams({ date: document.getElementById("date").value, start: id });
  return htmx.ajax("GET", `${base}/day/list?${query}`, { target: "#entries", swap: "innerHTML" })
    .then(() => show(document.getElementById(`play-${id}`)));
}

for (const kind of ["pointermove", "pointerdown"]) drawn?.addEventListener(kind, (event) => {
  const svg = event.target.closest(".scroll svg");
  if (!svg) return;
  const x = event.clientX - svg.getBoundingClientRect().left;
  const { pad, width } = places();
  read(Math.floor((x - pad) / width), x);
});
drawn?.addEventListener("click", (event) => {
  const block = event.target.closest("[data-play]");
  if (block) goTo(block.dataset.play);
});
drawn?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step || !event.target.matches(".scroll")) return;
  event.preventDefault();
  const { width } = places();
  read(at < 0 ? Math.floor((box().scrollLeft + box().clientWidth / 2) / width) : at + step * (event.shiftKey ? 12 : 1));
  const x = (at + 0.5) * width;
  if (x < box().scrollLeft + 24 || x > box().scrollLeft + box().clientWidth - 24) box().scrollLeft = x - box().clientWidth / 2;
});

document.getElementById("date")?.addEventListener("change", (event) => { if (event.target.value) event.target.form.requestSubmit(); });
document.getElementById("narrow")?.addEventListener("submit", (event) => event.preventDefault());

/* What happens is written down within a second. Whoever has gone down the list is left where they are. */
document.addEventListener("changed", () => setTimeout(() => {
  if (!drawn) return undefined;
  const list = document.getElementById("entries");
  if (!list) return location.reload(); // it was empty so far
  if (list.contains(document.activeElement) || list.querySelectorAll("li").length > Number(list.dataset.most)) return undefined;
  return document.getElementById("narrow").requestSubmit();
}, AGAIN_MS));

/* What is said in one tab is shown in the others. */
const others = new BroadcastChannel("judgements");
document.addEventListener("command:done", (event) => { if (event.target.closest?.("#entries")) others.postMessage(""); });
others.addEventListener("message", () => {
  document.body.dispatchEvent(new CustomEvent("command:done"));
  document.getElementById("narrow")?.requestSubmit();
});

/* Where it is now; on another day there is no such line. */
function goOn() {
  const line = drawn?.querySelector(".now");
  if (!line || document.hidden) return;
  const { start, hour, pad } = places();
  const x = Math.min(box().firstElementChild.width.baseVal.value, pad + ((Date.now() / 1000 - start) / 3600) * hour);
  line.setAttribute("d", `M${x} 0V350`);
}
setInterval(goOn, 30000);

const view = drawn && box();
if (view) {
  const line = drawn.querySelector(".now");
  view.scrollLeft = line ? line.getBBox().x - view.clientWidth * 0.75 : 0;
}
