// A photo or a sentence becomes a list: sent to the player, and its steps shown one after the other.

import { Refusal, base, changeHeaders } from "page/api";
import { say, sayWhy } from "page/said";

const SIDE_PX = 1600; // more shows a room no better, and takes longer to send
const REVEAL_MS = 250;

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
const pause = () => (isStill ? Promise.resolve() : new Promise((done) => { setTimeout(done, REVEAL_MS); }));

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
  stages.hidden = false;
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
  if (!file) throw new Error(refusal.dataset.nothing);
  try {
    return { picture: await reduced(file), ...limits };
  } catch {
    throw new Error(refusal.dataset.unreadable);
  }
}

async function post(path, fields, accept) {
  const response = await fetch(base + path, {
    method: "POST",
    headers: { ...changeHeaders(), "Content-Type": "application/json", Accept: accept },
    body: JSON.stringify(fields),
  });
  if (!response.ok) throw new Refusal(response.status, await response.json());
  return response.text();
}

async function make() {
  refuse("");
  found.replaceChildren();
  list.setAttribute("aria-busy", "true");
  try {
    stage(0);
    wished = await wish();
    const html = await post("/photo/list", wished, "text/html");
    stage(1);
    await pause();
    stage(2);
    await pause();
    await htmx.swap({ sourceElement: found, target: found, swap: "innerHTML", text: html });
    stage(3);
    stages.hidden = true;
    if (list.getBoundingClientRect().top > innerHeight / 2) list.scrollIntoView({ behavior: isStill ? "auto" : "smooth" });
  } catch (error) {
    stages.hidden = true;
    refuse(error.message || document.getElementById("connection").textContent);
  } finally {
    list.removeAttribute("aria-busy");
  }
}

async function save(button) {
  try {
    const text = await post("/api/playlist", wished, "audio/x-mpegurl");
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
