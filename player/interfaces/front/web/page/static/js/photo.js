// A photo or a sentence becomes a list: sent to the player, and each step shown as it is done.

import { Refusal, base, changeHeaders } from "page/api";
import { sayWhy, whyNot } from "page/said";

const SIDE_PX = 1600; // more shows a room no better, and takes longer to send

const form = document.getElementById("wish");
const stages = document.querySelector(".stages");
const list = document.getElementById("list");
const found = document.getElementById("found");
const refusal = form.querySelector(".refusal");
const count = document.getElementById("count");
const drop = document.getElementById("drop");
const preview = document.getElementById("preview");
let wished; // what the list on the page was made of

const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
const STAGES = ["seen", "mood", "playlist"]; // what each of the three ends with

function showCount() {
  count.value = form.elements.tracks.value;
}

const named = (name) => form.elements[name].value.split(",").map((each) => each.trim()).filter(Boolean);

/** A photo as base64, no larger than is looked at; drawn anew, it has lost where and when it was taken. */
async function reduced(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, SIDE_PX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
}

function stage(number) {
  stages.hidden = number === STAGES.length;
  [...stages.children].forEach((each, place) => {
    each.className = place < number ? "done" : place === number ? "now" : "";
  });
}

function refuse(sentence) {
  refusal.textContent = sentence;
  refusal.hidden = !sentence;
}

async function wish() {
  const limits = { tracks: Number(form.elements.tracks.value), genres: named("genres"), without_genres: named("without_genres") };
  const file = form.elements.photo?.files[0];
  const mood = form.elements.mood.value.trim();
  if (mood) return { mood, ...limits };
  if (!file) throw new Refusal(0, { detail: refusal.dataset.nothing });
  try {
    return { picture: await reduced(file), ...limits };
  } catch {
    throw new Refusal(0, { detail: refusal.dataset.unreadable });
  }
}

async function post(path, fields, accept) {
  const response = await fetch(base + path, {
    method: "POST",
    headers: { ...changeHeaders(), "Content-Type": "application/json", Accept: accept },
    body: JSON.stringify(fields),
  });
  // What is no JSON is a proxy's own word.
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({ code: "failed", detail: "" })));
  return response;
}

/** The lines of an answer, each as it comes. */
async function* linesOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

async function show(step) {
  if (step.detail) throw new Refusal(0, step);
  stage(STAGES.indexOf(step.reached) + 1);
  await htmx.swap({ sourceElement: found, target: found, swap: "innerMorph", text: step.html });
}

async function make() {
  refuse("");
  found.replaceChildren();
  list.setAttribute("aria-busy", "true");
  try {
    wished = await wish();
    stages.firstElementChild.hidden = !wished.picture;
    stage(wished.picture ? 0 : 1);
    for await (const step of linesOf(await post("/photo/steps", wished, "application/x-ndjson"))) await show(step);
    if (!stages.hidden) throw new Error(); // the player has ended amid the steps
    if (list.getBoundingClientRect().top > innerHeight / 2) list.scrollIntoView({ behavior: isStill ? "auto" : "smooth" });
  } catch (error) {
    stages.hidden = true;
    found.replaceChildren();
    refuse(whyNot(error));
  } finally {
    list.removeAttribute("aria-busy");
  }
}

async function save(button) {
  try {
    const text = await (await post("/api/playlist", wished, "audio/x-mpegurl")).text();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "audio/x-mpegurl" }));
    link.download = button.dataset.saves;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    sayWhy(error);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  make();
});

form.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (!example) return;
  form.elements.mood.value = example.textContent.trim();
  make();
});

form.elements.tracks.addEventListener("input", showCount);

form.elements.photo?.addEventListener("change", () => {
  const file = form.elements.photo.files[0];
  preview.hidden = !file;
  if (!file) return;
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(file);
  form.elements.mood.value = "";
  make();
});

for (const kind of ["dragenter", "dragover"]) drop?.addEventListener(kind, () => drop.classList.add("over"));
for (const kind of ["dragleave", "drop"]) drop?.addEventListener(kind, () => drop.classList.remove("over"));

found.addEventListener("click", (event) => {
  const button = event.target.closest("[data-saves]");
  if (button) save(button);
});

showCount();
