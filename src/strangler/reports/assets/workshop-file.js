// The file that says the cut: read by `strangler accept --from`, which writes it in the fewest lines.

import { held } from "./workshop-model.js";

export function boundariesFile(cut, tools, decision) {
  const inside = new Map(held(cut).map((context) => [context.n, { modules: [], tables: [] }]));
  cut.place.forEach((n, atom) => {
    if (n < 0) return;
    inside.get(n)[atom < tools.modules ? "modules" : "tables"].push(tools.name(atom));
  });
  const blocks = held(cut).map((context) => {
    const lines = [`[contexts.${tomlKey(context.id)}]`];
    if (context.name !== context.id) lines.push(`name = ${tomlString(context.name)}`);
    if (context.kind !== "context") lines.push(`kind = ${tomlString(context.kind)}`);
    for (const list of ["modules", "tables"]) {
      const items = inside.get(context.n)[list].sort(byCodePoints);
      if (items.length) lines.push(`${list} = [`, ...items.map((item) => `  ${tomlString(item)},`), "]");
    }
    if (context.notes) lines.push(`notes = ${tomlString(context.notes)}`);
    if (decision.by) lines.push(`decided-by = ${tomlString(decision.by)}`);
    if (decision.day) lines.push(`decided = ${decision.day}`);
    return lines.join("\n");
  });
  return ["version = 1", ...blocks].join("\n\n") + "\n";
}

function byCodePoints(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tomlString(text) {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function tomlKey(text) {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : tomlString(text);
}
