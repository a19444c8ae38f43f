// What is chosen in the steps of Set-up is written to config.yaml at once:
//   <input type="radio" data-setting="playback.output" value="auto">
//   <fieldset data-range="mood.energy"> with two sliders, -100 to 100; the one pushes the other
// Others save with `save`.

import { ask } from "page/api";
import { say, sayWhy } from "page/said";

const words = document.getElementById("words").dataset;

const RESTS_MS = 600; // a held arrow key is one change, and one version of config.yaml
const waiting = new Map();
let writing = Promise.resolve();

/** Write settings, one change after the other. Resolves to whether they hold. */
export function save(changes, step) {
  writing = writing.then(() => write(changes, step));
  return writing;
}

async function write(changes, step) {
  try {
    await ask("PATCH", "/api/config", { changes });
  } catch (error) {
    sayWhy(error);
    return false;
  }
  say(words.saved);
  const chip = step?.querySelector("[data-chip]");
  if (chip) {
    chip.textContent = words.set;
    chip.classList.add("good");
  }
  return true;
}

const changesOf = ({ dataset, value }) => {
  if (dataset.setting !== "camera.source") return { [dataset.setting]: value };
  return value ? { "camera.source": value, "camera.enabled": true } : { "camera.enabled": false };
};

function tell(fieldset) {
  const names = JSON.parse(fieldset.dataset.words);
  const [low, high] = [...fieldset.querySelectorAll("input")].map((slider) => {
    const word = names[Math.min(names.length - 1, Math.floor(((Number(slider.value) + 100) / 200) * names.length))];
    slider.setAttribute("aria-valuetext", word);
    return word;
  });
  fieldset.querySelector("output").textContent = low === high ? low : `${low} – ${high}`;
}

function push(fieldset, moved) {
  const [low, high] = fieldset.querySelectorAll("input");
  if (Number(low.value) > Number(high.value)) (moved === low ? high : low).value = moved.value;
  tell(fieldset);
}

document.addEventListener("input", ({ target }) => {
  const fieldset = target.closest("[data-range]");
  if (fieldset) push(fieldset, target);
});

document.addEventListener("change", async ({ target }) => {
  const step = target.closest("[data-step]");
  const fieldset = target.closest("[data-range]");
  if (fieldset) {
    push(fieldset, target);
    clearTimeout(waiting.get(fieldset));
    waiting.set(fieldset, setTimeout(() => saveRange(fieldset, step), RESTS_MS));
  } else if (target.matches("input[data-setting]")) {
    await saveChoice(target, step);
  }
});

function saveRange(fieldset, step) {
  const ends = [...fieldset.querySelectorAll("input")].map((slider) => Number(slider.value) / 100);
  return save({ [fieldset.dataset.range]: ends }, step);
}

async function saveChoice(chosen, step) {
  const held = [...step.querySelectorAll("input[data-setting]")].find((each) => each.defaultChecked);
  if (await save(changesOf(chosen), step)) {
    if (held) held.defaultChecked = false;
    chosen.defaultChecked = true;
  } else if (held) held.checked = true;
}

document.addEventListener("submit", async (event) => {
  if (event.target.id !== "network-camera") return;
  event.preventDefault();
  const source = event.target.elements.source.value.trim();
  if (await save({ "camera.source": source, "camera.enabled": true }, event.target.closest("[data-step]"))) event.target.reset();
});

// A form of settings: <form data-settings='{"mqtt.enabled": true}'> with fields named by their keys. What has
// data-if-given and is empty stays as it was; what stands in data-settings is changed with them.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-settings]");
  if (!form) return;
  event.preventDefault();
  const changes = JSON.parse(form.dataset.settings);
  for (const { name, value, type, dataset } of form.querySelectorAll("input")) {
    if (value || dataset.ifGiven === undefined) changes[name] = type === "password" ? value : value.trim();
  }
  if (await save(changes) && form.dataset.done) say(form.dataset.done);
});

const tellAll = () => document.querySelectorAll("[data-range]").forEach(tell);
new MutationObserver(tellAll).observe(document.getElementById("steps"), { childList: true });
