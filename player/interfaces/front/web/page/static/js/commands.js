// Buttons and forms that give the player a command:
//   <button data-command="next">                        at a click
//   <form data-command="pin"> ... named fields ...       when it is sent; empty fields are left out
//   <input type="range" data-command="volume" name="percent">   when it is let go
// data-fields holds further fields as JSON; data-done is the sentence that says it was done.

import { ask, base, command } from "page/api";
import { say, sayWhy } from "page/said";

function fieldsOf(element) {
  const fields = JSON.parse(element.dataset.fields || "{}");
  if (element instanceof HTMLFormElement) {
    for (const [name, text] of new FormData(element)) {
      if (text === "") continue;
      const numeric = element.elements[name].type === "number" || element.elements[name].type === "range";
      fields[name] = numeric ? Number(text) : text;
    }
  } else if (element instanceof HTMLInputElement) {
    fields[element.name] = element.type === "checkbox" ? element.checked : Number(element.value);
  }
  return fields;
}

async function give(element, submitter) {
  const pressed = submitter ?? element;
  pressed.setAttribute("aria-busy", "true");
  try {
    await command(element.dataset.command, { ...fieldsOf(element), ...JSON.parse(submitter?.dataset.fields || "{}") });
    if (element.dataset.done) say(element.dataset.done);
    element.closest("dialog")?.close();
    element.dispatchEvent(new CustomEvent("command:done", { bubbles: true }));
  } catch (error) {
    sayWhy(error);
  } finally {
    pressed.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-command]");
  if (button) give(button);
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  if (event.target.closest("[data-logout]")) {
    ask("POST", "/api/logout").catch(() => {}).then(() => location.assign(`${base}/login`));
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-command]")) return;
  event.preventDefault();
  give(event.target, event.submitter);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-command]")) give(event.target);
});
