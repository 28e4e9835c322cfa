// The source lines that the page carries: each place with the lines around it.

import { h } from "./dom.js";
import { block, core } from "./store.js";
import { t } from "./text.js";

let carried = {};

export async function loadSource() {
  if (core.meta.excerpts) carried = await block("source");
}

// A place as its line of code, which opens to the lines around it; nothing where the page does not carry it.
export function excerpt(file, line, open = false) {
  const run = Object.hasOwn(carried, file) && carried[file].find(([first, lines]) => first <= line && line < first + lines.length);
  if (!run) return null;
  const [first, lines] = run;
  const start = Math.max(first, line - 2);
  const near = lines.slice(start - first, line + 3 - first);
  return h("details", { class: "excerpt", open },
    h("summary", { "aria-label": t("source.open", { line }) }, h("code", {}, lines[line - first].trim() || " ")),
    h("pre", {}, near.map((text, i) =>
      h("span", { class: start + i === line ? "at" : null }, h("b", {}, String(start + i)), h("code", {}, `${text}\n`)))));
}
