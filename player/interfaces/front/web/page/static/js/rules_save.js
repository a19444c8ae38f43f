// The way from a draft to config.yaml: how many changes there are, what they come to, saving, somebody else's change
// meanwhile, and the way back to earlier versions.

import { ask } from "page/api";
import { made } from "page/rules_bars";
import { say, sayWhy } from "page/said";

const put = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export function saving(draft, words) {
  const bar = document.getElementById("save-bar");
  const dialog = document.getElementById("difference");
  const part = (name) => document.getElementById(`difference-${name}`);
  const confirmed = part("do");
  let does = null;

  function list(element, sentences) {
    element.hidden = !sentences.length;
    element.replaceChildren(...sentences.map((sentence) => made("li", "", {}, sentence)));
  }

  function lines(difference) {
    part("lines").hidden = !difference.length;
    part("lines").replaceChildren(...difference.filter((line) => !/^(---|\+\+\+)/.test(line)).map((line) => {
      const kind = { "+": "added", "-": "taken", "@": "place" }[line[0]] ?? "same";
      if (kind === "place") return made("div", kind, { "aria-hidden": "true" }, "⋯");
      const mark = words[kind] ? made("span", "visually-hidden", {}, `${words[kind]}: `) : "";
      return made("div", kind, {}, mark, made("span", "mark", { "aria-hidden": "true" }, line[0]), made("code", "", {}, line.slice(1) || " "));
    }));
  }

  /** Show what is about to be done; `label` and `act` are of the button that does it, none if it cannot be. */
  function open({ title, intro, problems = [], doubts = [], restart = [], difference = [], label, act }) {
    part("title").textContent = title;
    part("intro").textContent = intro;
    list(part("problems"), problems);
    list(part("doubts"), doubts);
    part("restart").hidden = !restart.length;
    part("restart").textContent = put(words.restart, { keys: restart.join(", ") });
    lines(difference);
    confirmed.hidden = !act;
    confirmed.textContent = label ?? "";
    does = act;
    if (!dialog.open) dialog.showModal();
    (act ? confirmed : dialog.querySelector("[data-closes]")).focus();
  }

  async function busy(button, act) {
    button.setAttribute("aria-busy", "true");
    try {
      await act();
    } catch (error) {
      if (error.status === 412) conflict();
      else {
        dialog.close();
        sayWhy(error);
      }
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  async function look(intro = words.look_intro) {
    const { changes } = draft;
    if (!draft.count) {
      dialog.close();
      return say(words.nothing);
    }
    const found = await ask("POST", "/api/config/check", { changes });
    if (!found.valid) return open({ title: words.look_title, intro: words.problems_intro, problems: found.problems });
    const difference = found.difference ?? [];
    open({
      title: words.look_title,
      intro: difference.length ? intro : `${words.unseen} ${found.changed.join(", ")}`,
      doubts: found.doubts, restart: found.needs_restart, difference, label: words.save,
      act: () => save(changes),
    });
  }

  async function save(changes) {
    await ask("PATCH", "/api/config", { changes }, { "If-Match": `"${draft.etag}"` });
    draft.settle(changes);
    await loadAnew();
    dialog.close();
    say(words.saved);
  }

  async function loadAnew() {
    const config = await ask("GET", "/api/config");
    const both = draft.rebase(config);
    document.body.dispatchEvent(new CustomEvent("rules:saved"));
    return both;
  }

  function conflict() {
    open({
      title: words.conflict_title, intro: words.conflict_intro, label: words.load_anew,
      async act() {
        const both = await loadAnew();
        say(words.loaded);
        await look(both.length ? put(words.conflict_both, { keys: both.join(", ") }) : words.look_intro);
      },
    });
  }

  async function lookBack(number) {
    const { difference } = await ask("GET", `/api/config/versions/${number}`);
    open({
      title: put(words.revert_title, { number }),
      intro: difference.length ? words.revert_intro : words.nothing,
      doubts: draft.count ? [words.revert_unsaved] : [],
      difference, label: words.revert,
      act: difference.length ? () => goBack(number) : null,
    });
  }

  async function goBack(version) {
    await ask("POST", "/api/config/revert", { version }, { "If-Match": `"${draft.etag}"` });
    await loadAnew();
    dialog.close();
    say(words.reverted);
  }

  function shown() {
    if (!bar) return;
    bar.hidden = draft.count === 0;
    document.getElementById("save-count").textContent =
      draft.count === 1 ? words.one_change : put(words.changes, { count: draft.count });
  }

  document.getElementById("look")?.addEventListener("click", ({ target }) => busy(target, look.bind(null, undefined)));
  document.getElementById("discard")?.addEventListener("click", () => { if (confirm(words.discard)) draft.discard(); });
  confirmed.addEventListener("click", () => busy(confirmed, does));
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-version]");
    if (button) busy(button, () => lookBack(Number(button.dataset.version)));
  });
  addEventListener("beforeunload", (event) => { if (draft.count) event.preventDefault(); });
  draft.listen(shown);
  shown();
}
