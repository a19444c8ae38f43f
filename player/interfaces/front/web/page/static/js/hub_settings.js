// The hub's settings for rooms: what they change is shown before they are sent.

import { ask } from "page/api";

const form = document.getElementById("settings");
const shown = document.getElementById("difference");
const list = shown.querySelector("div");
const told = shown.querySelector(".told");
const refusal = form.querySelector(".refusal");

function wanted() {
  const [kind, ...name] = form.elements.target.value.split(":");
  return { [kind]: name.join(":"), settings: form.elements.settings.value };
}

function line(text) {
  const made = document.createElement({ "+": "ins", "-": "del" }[text[0]] ?? "span");
  made.textContent = `${text}\n`;
  return made;
}

function show(differences) {
  list.replaceChildren(...differences.flatMap(({ rooms, lines }) => {
    const head = document.createElement("h3");
    head.textContent = rooms.length === 1 ? rooms[0] : list.dataset.rooms.replace("NUMBER", rooms.length);
    const body = document.createElement("pre");
    body.className = "yaml";
    if (lines.length) body.append(...lines.map(line));
    else body.textContent = list.dataset.nothing;
    return [head, body];
  }));
  shown.hidden = false;
  told.hidden = true;
}

async function tried(what) {
  refusal.hidden = true;
  try {
    return await what();
  } catch (error) {
    refusal.textContent = error.message;
    refusal.hidden = false;
    return null;
  }
}

let checked = null;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  checked = null;
  shown.hidden = true;
  tried(async () => {
    const asked = wanted();
    show((await ask("POST", "/api/settings/check", asked)).differences);
    checked = asked;
  });
});

form.addEventListener("input", () => { checked = null; shown.hidden = true; });

shown.querySelector("[data-send]").addEventListener("click", () => tried(async () => {
  if (checked === null) return;
  const { message } = await ask("POST", "/api/settings", checked);
  checked = null;
  told.textContent = message;
  told.hidden = false;
}));
