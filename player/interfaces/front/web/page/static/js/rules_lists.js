// Lists whose items are a few inputs each: announcements, playlists, and the days that differ from the week.

import { show, valueIn } from "page/rules_fields";

/** An editor of a list made from the <template> in `root`; `read` and `fill` are for one item's element. */
function listEditor(root, { items, keep, read, fill, fresh }) {
  const place = root.querySelector("[data-items]");
  const empty = root.querySelector(".empty");
  const form = root.querySelector("template").content;

  const elements = () => [...place.children];
  const kept = () => {
    if (empty) empty.hidden = elements().length > 0;
    keep(elements().map(read));
  };
  function added(item) {
    const element = document.importNode(form, true).firstElementChild;
    fill(element, item);
    place.append(element);
    return element;
  }
  function draw() {
    place.replaceChildren();
    for (const item of items()) added(item);
    if (empty) empty.hidden = elements().length > 0;
  }

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-add]")) {
      added(fresh).querySelector("input, select").focus();
      kept();
    } else if (event.target.closest("[data-remove]")) {
      event.target.closest(".item").remove();
      kept();
      root.querySelector("[data-add]").focus();
    }
  });
  root.addEventListener("input", kept);
  draw();
  return draw;
}

/** Of two inputs only one is to be filled: the select that says which shows and empties them. */
function either(element) {
  for (const choice of element.querySelectorAll("[data-either]")) {
    const names = choice.dataset.either.split(" ");
    const input = (name) => element.querySelector(`[data-item="${name}"]`);
    const filled = names.find((name) => input(name).value !== "");
    choice.value = filled ?? names[0];
    const shown = () => {
      for (const name of names) {
        element.querySelector(`[data-of="${name}"]`).hidden = name !== choice.value;
        if (name !== choice.value) input(name).value = "";
      }
    };
    choice.addEventListener("input", shown);
    shown();
  }
}

/** A list of sections, as `announcements.items`. What its inputs do not show of an item stays as it is. */
export function sectionsEditor(root, draft) {
  const key = root.dataset.list;
  const draw = listEditor(root, {
    items: () => draft.get(key) ?? [],
    keep: (items) => draft.set(key, items, root),
    fresh: {},
    fill(element, item) {
      element.item = item;
      for (const input of element.querySelectorAll("[data-item]")) show(input, item[input.dataset.item]);
      either(element);
    },
    read(element) {
      const item = { ...element.item };
      for (const input of element.querySelectorAll("[data-item]")) {
        const value = valueIn(input);
        if (value === null || value === "" || value?.length === 0) delete item[input.dataset.item];
        else item[input.dataset.item] = value;
      }
      return item;
    },
  });
  draft.listen((source) => { if (source !== root && !root.contains(source ?? null)) draw(); });
}

/** Fill an empty date input with a day of this year, or of the next that has it: 29 February. */
function dateThisYear(input, day) {
  const year = new Date().getFullYear();
  for (let ahead = 0; ahead <= 8 && !input.value; ahead++) input.value = `${year + ahead}-${day}`;
}

/** The days that differ: a map of dates, "12-25" for every year, to times. */
export function holidaysEditor(root, draft) {
  const key = "hours.holidays";
  const part = (element, name) => element.querySelector(`[data-holiday="${name}"]`);
  const draw = listEditor(root, {
    items: () => Object.entries(draft.get(key) ?? {}),
    keep: (entries) => draft.set(key, Object.fromEntries(entries.filter(([day]) => day)), root),
    fresh: ["", "closed"],
    fill(element, [text, times]) {
      const day = text.trim();
      const yearly = day.length === 5;
      if (yearly) dateThisYear(part(element, "date"), day);
      else part(element, "date").value = day;
      part(element, "yearly").checked = yearly;
      part(element, "kind").value = ["open", "closed"].includes(times) ? times : "times";
      part(element, "times").value = ["open", "closed"].includes(times) ? "" : times;
      part(element, "when").hidden = part(element, "kind").value !== "times";
    },
    read(element) {
      const { value } = part(element, "date");
      const kind = part(element, "kind").value;
      part(element, "when").hidden = kind !== "times";
      return [part(element, "yearly").checked ? value.slice(5) : value, kind === "times" ? part(element, "times").value : kind];
    },
  });
  draft.listen((source) => { if (source !== root) draw(); });
}
