// Inputs of single settings: what is written in one goes to the draft, and what the draft has is shown in all of
// them, as a setting may stand on the page twice.

const numbers = (text) => (text.trim() === "" ? null : Number(text));
export const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
export const wordsOf = (text) => text.split(",").map((word) => word.trim()).filter(Boolean);

/** What an input says; null where it is empty and may be. */
export function valueIn(input) {
  const { kind } = input.dataset;
  if (kind === "pair") return [...input.querySelectorAll("input")].map((each) => numbers(each.value));
  if (kind === "switch") return input.checked;
  if (kind === "whole" || kind === "number") return numbers(input.value);
  if (kind === "lines") return linesOf(input.value);
  if (kind === "words") return wordsOf(input.value);
  return input.value === "" && "nullable" in input.dataset ? null : input.value;
}

export function show(input, value) {
  const { kind } = input.dataset;
  if (kind === "pair") input.querySelectorAll("input").forEach((each, n) => { each.value = value?.[n] ?? ""; });
  else if (kind === "switch") input.checked = Boolean(value);
  else if (kind === "lines") input.value = (value ?? []).join("\n");
  else if (kind === "words") input.value = (value ?? []).join(", ");
  else input.value = value ?? "";
  input.parentElement.querySelector("output")?.replaceChildren(`${input.value} %`);
}

function severalIn(group, before) {
  const boxes = [...group.querySelectorAll("input")];
  const known = boxes.map((box) => box.value);
  const on = boxes.filter((box) => box.checked).map((box) => box.value);
  const kept = before.filter((word) => !known.includes(word) || on.includes(word));
  return [...kept, ...on.filter((word) => !kept.includes(word))];
}

/** Bind the inputs that carry data-key, those that come later too. */
export function bindFields(draft) {
  const holder = (target) => target.closest("[data-key]");

  function told(event) {
    const field = holder(event.target);
    if (!field) return;
    const { key, kind } = field.dataset;
    if (kind === "several") draft.set(key, severalIn(field, draft.get(key) ?? []), field);
    else draft.set(key, valueIn(field), field);
    field.parentElement.querySelector("output")?.replaceChildren(`${field.value} %`);
  }

  function showAll(source) {
    for (const field of document.querySelectorAll("[data-key]")) {
      if (field === source) continue;
      const value = draft.get(field.dataset.key);
      if (field.dataset.kind === "several") {
        for (const box of field.querySelectorAll("input")) box.checked = (value ?? []).includes(box.value);
      } else if (JSON.stringify(valueIn(field)) !== JSON.stringify(value ?? null)) show(field, value);
    }
    for (const part of document.querySelectorAll("[data-when]")) {
      const [key, wanted] = part.dataset.when.split("=");
      part.hidden = draft.get(key) !== wanted;
    }
  }

  document.addEventListener("input", told);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-default]");
    if (button) draft.set(button.dataset.of, JSON.parse(button.dataset.default), button);
  });
  draft.listen(showAll);
  showAll();
  return showAll;
}
