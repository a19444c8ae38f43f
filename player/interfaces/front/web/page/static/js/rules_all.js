// The table of all settings: fetched when it is opened, and searched.

/** `ready(table)` is called once it is there. */
export function searchable(ready) {
  const details = document.getElementById("all");
  const table = document.getElementById("all-settings");
  const search = document.getElementById("all-search");

  details.addEventListener("toggle", () => {
    if (details.open && !table.children.length) table.dispatchEvent(new CustomEvent("rules:all"));
  });
  document.addEventListener("htmx:after:swap", () => {
    if (table.dataset.ready || !table.querySelector(".all-section")) return; // or it says that the player is away
    table.dataset.ready = "yes";
    ready(table);
    find();
  });

  function find() {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    let found = 0;
    for (const section of table.querySelectorAll(".all-section")) {
      const rows = [...section.querySelectorAll("[data-row]")];
      for (const row of rows) row.hidden = !wanted.every((word) => row.dataset.row.includes(word));
      section.hidden = rows.every((row) => row.hidden);
      found += rows.filter((row) => !row.hidden).length;
    }
    document.getElementById("all-none").hidden = found > 0 || !table.querySelector(".all-section");
  }
  search.addEventListener("input", find);

  // A link to some of them: /rules?find=mqtt#all
  const wanted = new URLSearchParams(location.search).get("find");
  if (location.hash === "#all" && wanted) {
    search.value = wanted;
    details.open = true;
  }
}
