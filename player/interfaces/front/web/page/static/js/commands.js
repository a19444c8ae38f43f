// Buttons and forms that give the player a command:
//   <button data-command="next">                        at a click
//   <form data-command="pin"> ... named fields ...       when it is sent; empty fields are left out
//   <input type="range" data-command="volume" name="percent">   when it is let go
// and, for what the API has beside commands:
//   <button data-request="DELETE /api/sessions/ab12">   <form data-request="POST /api/tokens">
// data-fields holds further fields as JSON, those of what opens a dialog (data-opens) go to all in it; data-confirm is asked before; data-done says that it was done. What
// was done is told as the event command:done, with the answer.

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

function send({ dataset }, fields) {
  if (dataset.command) return command(dataset.command, fields);
  const [method, path] = dataset.request.split(" ");
  return ask(method, path, Object.keys(fields).length ? fields : undefined);
}

async function give(element, submitter) {
  const pressed = submitter ?? element;
  if (element.dataset.confirm && !confirm(element.dataset.confirm)) return;
  pressed.setAttribute("aria-busy", "true");
  try {
    const about = JSON.parse(element.closest("dialog")?.dataset.fields || "{}");
    const answer = await send(element, { ...about, ...fieldsOf(element), ...JSON.parse(submitter?.dataset.fields || "{}") });
    if (element.dataset.done) say(element.dataset.done);
    if (element instanceof HTMLFormElement) element.reset();
    element.closest("dialog")?.close();
    element.dispatchEvent(new CustomEvent("command:done", { bubbles: true, detail: answer }));
  } catch (error) {
    sayWhy(error);
    // Somebody else has removed it meanwhile: what lists it is to be shown anew.
    if (error.status === 404 && element.dataset.request?.startsWith("DELETE")) element.dispatchEvent(new CustomEvent("command:done", { bubbles: true }));
  } finally {
    pressed.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-command], button[data-request]");
  if (button) give(button);
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    const opened = document.getElementById(opener.dataset.opens);
    opened.dataset.fields = opener.dataset.fields || "{}"; // what is said there is said of what is seen here
    opened.showModal();
  }
  const closer = event.target.closest("[data-closes]");
  if (closer) closer.closest("dialog").close();
  if (event.target.closest("[data-logout]")) {
    ask("POST", "/api/logout").catch(() => {}).then(() => location.assign(`${base}/login`));
  }
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-command], form[data-request]")) return;
  event.preventDefault();
  give(event.target, event.submitter);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("input[data-command]")) give(event.target);
});
