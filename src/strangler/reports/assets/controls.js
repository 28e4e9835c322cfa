// Filters that write themselves into the address.

import { h } from "./dom.js";
import { route, setFilter } from "./router.js";
import { core } from "./store.js";
import { t } from "./text.js";

export function select(key, label, options, changed) {
  const now = route().filters.get(key) ?? "";
  const box = h(
    "select",
    { "aria-label": label, onchange: () => (setFilter(key, box.value), changed()) },
    options.map(([value, text]) => h("option", { value, selected: value === now }, text)),
  );
  box.value = now;
  return h("label", { class: "control" }, h("span", {}, label), box);
}

export function contextSelect(changed, key = "context") {
  const names = core.contexts.name.map((name) => [name, name]);
  return select(key, t("col.context"), [["", t("all")], ...names], changed);
}

export function textFilter(key, label, changed) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (setFilter(key, box.value), changed()), 120);
  };
  const box = h("input", { type: "search", "aria-label": label, value: route().filters.get(key) ?? "", oninput: later });
  return h("label", { class: "control" }, h("span", {}, label), box);
}

export function checkbox(key, value, label, changed, initially = true) {
  const off = new Set((route().filters.get(key) ?? "").split(",").filter(Boolean));
  const box = h("input", { type: "checkbox", checked: off.has(value) !== initially, onchange: () => toggle() });
  function toggle() {
    const now = new Set((route().filters.get(key) ?? "").split(",").filter(Boolean));
    if (box.checked === initially) now.delete(value);
    else now.add(value);
    setFilter(key, [...now].sort().join(","));
    changed();
  }
  return h("label", { class: "check" }, box, " ", label);
}

// The values whose boxes were changed from how they first stand.
export function toggled(key) {
  return new Set((route().filters.get(key) ?? "").split(",").filter(Boolean));
}

export function filter(key, fallback = "") {
  return route().filters.get(key) || fallback;
}

export function slider(key, label, low, high, initial, describe, changed) {
  const now = Number(filter(key, String(initial)));
  const output = h("output", {}, describe(now));
  const box = h("input", {
    type: "range", min: low, max: high, step: 1,
    oninput: () => {
      output.textContent = describe(Number(box.value));
      setFilter(key, box.value);
      changed(Number(box.value));
    },
  });
  box.value = now;
  return h("label", { class: "control range" }, h("span", {}, label), box, output);
}
