// The view Rules, put together: a draft of config.yaml, and everything that edits it.

import { bindFields } from "page/rules_fields";
import { draftOf } from "page/rules_draft";
import { holidaysEditor, sectionsEditor } from "page/rules_lists";
import { partsEditor } from "page/rules_parts";
import { planeEditor } from "page/rules_plane";
import { saving } from "page/rules_save";
import { searchable } from "page/rules_all";
import { weekEditor } from "page/rules_week";

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const words = json("rules-words");
const draft = draftOf(json("rules-config"));
const WHOLE = [-1, 1];

function moods() {
  let at = null;
  const edit = planeEditor(words, (valence, energy) => {
    if (at !== null) parts.range(valence, energy);
    else {
      draft.set("mood.valence", valence, plane);
      draft.set("mood.energy", energy, plane);
    }
  });
  const plane = document.getElementById("plane");
  let parts = null;

  function show(n) {
    at = n;
    const all = draft.get("dayparts");
    const house = { name: words.house, valence: draft.get("mood.valence"), energy: draft.get("mood.energy"), kind: "house" };
    const frames = all.map((part, number) => ({
      name: part.name, valence: part.valence ?? WHOLE, energy: part.energy ?? WHOLE, mood: part.mood, kind: parts?.colour(number) ?? "colour-0",
    }));
    if (n === null) edit(house, frames);
    else edit(frames[n], [house]);
  }
  parts = partsEditor(draft, words, show);
  draft.listen((source) => { if (source !== plane) show(at); });
  show(null);
}

if (document.getElementById("week")) {
  const showAll = bindFields(draft);
  weekEditor(draft, words);
  moods();
  holidaysEditor(document.getElementById("holidays"), draft);
  for (const root of document.querySelectorAll("[data-list]")) sectionsEditor(root, draft);
  searchable((table) => {
    for (const root of table.querySelectorAll("[data-list]")) sectionsEditor(root, draft);
    showAll();
  });
}
saving(draft, words);
