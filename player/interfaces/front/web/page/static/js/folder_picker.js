// The music's folders: those found as buttons, and a way through the machine's folders in <details id="picker">.

import { ask } from "page/api";
import { sayWhy } from "page/said";
import { save } from "page/setup";

const words = document.getElementById("words").dataset;
const counted = (files, more) =>
  (files === 1 && !more ? words.file : words.files.replace("{count}", `${files}${more ? "+" : ""}`));
const held = () => JSON.parse(document.getElementById("folders").dataset.folders);

async function keep(folders) {
  if (await save({ "library.folders": folders })) document.body.dispatchEvent(new CustomEvent("setup:folders"));
}

function button(text, pressed, more = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "quiet";
  made.textContent = text;
  if (more) made.append(" ", Object.assign(document.createElement("small"), { textContent: more }));
  made.addEventListener("click", pressed);
  return made;
}

async function open(path) {
  const place = document.querySelector("#picker .picker");
  place.setAttribute("aria-busy", "true");
  try {
    const found = await ask("GET", `/api/folders${path ? `?path=${encodeURIComponent(path)}` : ""}`);
    const here = Object.assign(document.createElement("p"), { className: "here", textContent: found.path });
    const use = button(words.here, () => keep([...new Set([...held(), found.path])]));
    use.className = "";
    const up = found.above === null ? [] : [button(words.above, () => open(found.above))];
    const row = Object.assign(document.createElement("div"), { className: "controls" });
    row.append(use, ...up);
    const inner = found.folders.map(({ name, files, more }) =>
      button(name, () => open(`${found.path === "/" ? "" : found.path}/${name}`), files ? counted(files, more) : ""));
    const list = Object.assign(document.createElement("div"), { className: "found" });
    list.append(...(inner.length ? inner : [Object.assign(document.createElement("p"), { textContent: words.none })]));
    place.replaceChildren(here, row, list);
    use.focus();
  } catch (error) {
    sayWhy(error);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", ({ target }) => {
  const adds = target.closest("[data-folder-adds]");
  if (adds) keep([...held(), adds.dataset.folderAdds]);
  const removes = target.closest("[data-folder-removes]");
  if (removes) keep(held().filter((each) => each !== removes.dataset.folderRemoves));
});

document.addEventListener("toggle", (event) => {
  if (event.target.id === "picker" && event.target.open && !event.target.querySelector(".here")) open("");
}, true);
