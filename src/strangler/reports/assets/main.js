// Start: load the data, then show what the address asks for, now and at each change of it.

import { byId, h, say } from "./dom.js";
import { showEvidence } from "./drawer.js";
import { followTree } from "./live.js";
import { closeEvidence, route } from "./router.js";
import { openSearch } from "./search.js";
import { core, loadCore } from "./store.js";
import { setWords, t } from "./text.js";
import { changesView } from "./view-changes.js";
import { contextView } from "./view-context.js";
import { dataView } from "./view-data.js";
import { diagnosticsView } from "./view-diagnostics.js";
import { entriesView } from "./view-entries.js";
import { smallMap } from "./map-draw.js";
import { mapView } from "./view-map.js";
import { matrixView } from "./view-matrix.js";
import { roadmapView } from "./view-roadmap.js";
import { teamsView } from "./view-teams.js";
import { workshopView } from "./view-workshop.js";

const VIEWS = {
  map: mapView, matrix: matrixView, data: dataView, changes: changesView, entries: entriesView,
  roadmap: roadmapView, context: contextView, diagnostics: diagnosticsView, workshop: workshopView, teams: teamsView,
};
let drawn = "";
let title = "";

function show() {
  if (location.hash && !location.hash.startsWith("#/")) return;
  const now = route();
  const before = drawn;
  remember();
  if (drawn !== before) draw(now, before === "");
  showEvidence(now.evidence);
}

// What is on the screen; a filter redraws only its own part.
function remember() {
  const { parts, filters } = route();
  drawn = JSON.stringify([parts, [...filters]]);
}

function draw({ parts }, first) {
  const [id, ...rest] = parts;
  const exists = Object.hasOwn(VIEWS, id);
  byId("verdict").hidden = exists;
  const view = byId("view");
  view.hidden = !exists;
  view.dataset.view = exists ? id : "verdict";
  view.replaceChildren(...(exists ? VIEWS[id](...rest) : []));
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.dataset.view === (exists ? id : "verdict");
    if (!current) link.removeAttribute("aria-current");
    else {
      link.setAttribute("aria-current", "page");
      link.closest("nav").scrollLeft = link.offsetLeft - 60;
    }
  }
  const heading = (exists ? view : byId("verdict")).querySelector("h1");
  document.title = `${heading.textContent.slice(0, 80)} · ${title}`;
  if (first) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  say(heading.textContent.slice(0, 200));
}

function theme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (getComputedStyle(document.documentElement).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  document.dispatchEvent(new Event("strangler-theme"));
}

function keyboard(event) {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && !byId("drawer").hidden && !byId("search").open) closeEvidence();
  const asked = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
  if (!asked) return;
  event.preventDefault();
  openSearch();
}

async function start() {
  await loadCore();
  setWords(core.text);
  title = document.title;
  document.documentElement.classList.add("js");
  byId("search-open").addEventListener("click", openSearch);
  byId("theme").addEventListener("click", theme);
  document.addEventListener("keydown", keyboard);
  document.addEventListener("strangler-filter", remember);
  window.addEventListener("hashchange", show);
  byId("small-map").replaceChildren(...smallMap());
  show();
  followTree();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  const text = core.text ? t("failed", { error: String(error) }) : `This browser cannot open the data of the report (${error}).`;
  byId("main").prepend(h("p", { class: "callout", role: "alert" }, text));
});
