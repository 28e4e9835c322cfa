// Search over everything by keyboard: "/" opens it, arrows choose, Enter goes.

import { byId, h, name } from "./dom.js";
import { address, contextAddress } from "./router.js";
import { contextName, core } from "./store.js";
import { t } from "./text.js";

const MOST = 40;
let targets = null;
let chosen = 0;

function everything() {
  const found = [];
  const add = (kind, text, note, href) => found.push({ kind, text, note, href, low: text.toLowerCase() });
  core.contexts.name.forEach((text, i) => add("context", text, t(`context.${core.contexts.standing[i]}`), contextAddress(text)));
  core.tables.name.forEach((text, i) => add("table", text, contextName(core.tables.owner[i]), address(["data"], undefined, ["table", text])));
  core.entries.name.forEach((text, i) =>
    add(core.entries.kind[i], text, contextName(core.entries.context[i]), address(["entries"], undefined, ["entry", i])));
  core.modules.name.forEach((text, i) => add("module", text, contextName(core.modules.context[i]), address(["matrix"], undefined, ["module", text])));
  return found;
}

// The earlier and the more exact the match, the better; all words must occur.
export function find(text) {
  targets ??= everything();
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const scored = [];
  targets.forEach((target, i) => {
    const places = words.map((word) => target.low.indexOf(word));
    if (places.some((place) => place < 0)) return;
    const exact = target.low === words.join(" ") ? -1000 : 0;
    const whole = places[0] === 0 || /[._/]/.test(target.low[places[0] - 1]) ? -50 : 0;
    scored.push([exact + whole + places[0] + target.low.length / 100, i]);
  });
  scored.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return scored.slice(0, MOST).map(([, i]) => targets[i]);
}

export function openSearch() {
  const dialog = byId("search");
  if (dialog.open) return;
  const list = h("ul", { id: "search-results", role: "listbox", "aria-label": t("search.results") });
  const count = h("p", { class: "note", role: "status" }, t("search.help"));
  const box = h("input", {
    type: "search", role: "combobox", "aria-expanded": "true", "aria-controls": "search-results",
    "aria-label": t("search"), autocomplete: "off", spellcheck: "false", placeholder: t("search.hint"),
    oninput: () => update(), onkeydown: (event) => keys(event),
  });
  let results = [];
  function update() {
    results = find(box.value);
    chosen = 0;
    list.replaceChildren(...results.map(option));
    count.textContent = box.value ? t("search.count", { n: results.length === MOST ? `${MOST}+` : results.length }) : t("search.help");
    mark();
  }
  function option(target, i) {
    return h("li", { role: "option", id: `found-${i}`, onclick: () => leave(target.href) },
      h("span", { class: "kind" }, t(`search.${target.kind}`)), name(target.text), h("span", { class: "note" }, target.note));
  }
  function mark() {
    [...list.children].forEach((one, i) => one.setAttribute("aria-selected", i === chosen));
    if (results.length) box.setAttribute("aria-activedescendant", `found-${chosen}`);
    else box.removeAttribute("aria-activedescendant");
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  }
  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && results.length) {
      event.preventDefault();
      chosen = (chosen + step + results.length) % results.length;
      mark();
    } else if (event.key === "Enter" && results[chosen]) {
      event.preventDefault();
      leave(results[chosen].href);
    }
  }
  function leave(href) {
    dialog.close();
    location.hash = href;
  }
  dialog.replaceChildren(h("form", { method: "dialog" }, box, h("button", { type: "submit" }, t("drawer.close"))), list, count);
  dialog.showModal();
  box.focus();
}
