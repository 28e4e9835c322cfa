// Endpoints, tasks, commands and signals: the ways in, and what each reaches.

import { contextSelect, filter, select, textFilter } from "./controls.js";
import { h, name } from "./dom.js";
import { contextLink } from "./links.js";
import { evidenceAddress } from "./router.js";
import { contextName, core } from "./store.js";
import { dataTable } from "./table.js";
import { t } from "./text.js";

const KINDS = ["endpoint", "task", "command", "signal"];
const MOST_REACHED = 4;

export function entriesView() {
  const stage = h("div");
  const draw = () => stage.replaceChildren(entryTable(folded(entryRows().filter(wantedEntry)), t("entries.title")));
  draw();
  const count = (kind) => core.entries.kind.filter((one) => one === kind).length;
  return [
    h("h1", {}, t("entries.title")),
    h("p", { class: "lead" }, t("entries.lead", Object.fromEntries(KINDS.map((kind) => [kind, count(kind)])))),
    h("p", { class: "note" }, t("entries.note")),
    h("div", { class: "controls" },
      textFilter("q", t("entries.search"), draw), contextSelect(draw),
      select("kind", t("col.kind"), [["", t("all")], ...KINDS.map((kind) => [kind, t(`search.${kind}`)])], draw),
      select("reach", t("entries.reach"), [["", t("all")], ["across", t("entries.across")], ["inside", t("entries.inside")]], draw)),
    stage,
  ];
}

function wantedEntry(row) {
  const text = filter("q").toLowerCase();
  const reach = filter("reach");
  return (!filter("kind") || row.kind === filter("kind"))
    && (!filter("context") || contextName(row.context) === filter("context"))
    && (!reach || (reach === "across") === row.reaches.length > 0)
    && (!text || row.name.toLowerCase().includes(text) || row.handler.toLowerCase().includes(text));
}

export function entryRows() {
  const { kind, name: names, detail, handler, context, reads, writes, reaches } = core.entries;
  return kind.map((one, i) => ({
    i, kind: one, name: names[i], detail: detail[i], handler: handler[i], context: context[i],
    reads: reads[i], writes: writes[i], reaches: reaches[i],
  }));
}

// Two spellings of one endpoint, with and without a suffix for the format or a slash at the end, are one row.
function folded(rows) {
  const first = new Map();
  const kept = [];
  for (const one of rows) {
    const row = { ...one, twins: [] };
    const bare = row.name.replace(/\.?[{<][\w:]*format[}>]\/?$/, "").replace(/\/$/, "");
    const key = JSON.stringify([row.kind, bare, row.handler, row.detail, row.context]);
    const twin = row.kind === "endpoint" ? first.get(key) : null;
    if (twin) twin.twins.push(row.name);
    else kept.push(row), first.set(key, row);
  }
  return kept;
}

// An entry point that reaches nearly everything names a few; its drawer has them all.
function reached({ i, reaches }) {
  const shown = reaches.length > MOST_REACHED + 1 ? reaches.slice(0, MOST_REACHED) : reaches;
  const rest = reaches.length - shown.length;
  return h("span", { class: "kinds" }, shown.map((one) => h("span", { class: "chip" }, name(contextName(one)))),
    rest ? h("a", { href: evidenceAddress("entry", i) }, t("canvas.more", { n: rest })) : null);
}

function entryTable(rows, label) {
  return dataTable({
    label, rows,
    columns: [
      { key: "name", label: t("col.entry"), wide: "19rem", value: (r) => r.name, cell: (r) => 
        [h("a", { class: "code", href: evidenceAddress("entry", r.i) }, name(r.name)),
          r.twins.map((twin) => h("span", { class: "note code twin" }, name(twin)))] },
      { key: "kind", label: t("col.kind"), wide: "12rem", value: (r) => r.kind, cell: (r) =>
        [t(`search.${r.kind}`), r.detail ? h("span", { class: "note clip", title: r.detail.slice(0, 300) }, r.detail) : ""] },
      { key: "context", label: t("col.context"), wide: "10rem", value: (r) => contextName(r.context), cell: (r) => contextLink(r.context) },
      { key: "reaches", label: t("col.reaches"), wide: "14rem", value: (r) => r.reaches.length, cell: (r) =>
        r.reaches.length ? reached(r) : "–" },
      { key: "writes", label: t("col.writes"), num: true, value: (r) => r.writes.length, cell: (r) => String(r.writes.length) },
      { key: "reads", label: t("col.reads"), num: true, value: (r) => r.reads.length, cell: (r) => String(r.reads.length) },
      { key: "handler", label: t("col.handler"), wide: "22rem", value: (r) => r.handler, cell: (r) => h("span", { class: "code" }, name(r.handler)) },
    ],
  });
}
