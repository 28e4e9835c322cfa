// Data ownership: which table belongs to whom, and who else writes it.

import { contextSelect, filter, select, textFilter } from "./controls.js";
import { h, name } from "./dom.js";
import { contextLink, tableLink } from "./links.js";
import { evidenceAddress } from "./router.js";
import { contextName, core, sum } from "./store.js";
import { dataTable } from "./table.js";
import { heatColumns, heatHead, heatKey, heatRow } from "./heat.js";
import { t } from "./text.js";

export function dataView() {
  const stage = h("div");
  const rows = tableRows();
  const keys = keyRows();
  const draw = () => stage.replaceChildren(
    h("h2", {}, t("data.tables")), heatKey(), ownership(rows.filter(wanted)),
    h("h2", {}, t("data.keys")), h("p", { class: "note" }, t("data.keys.note")), cutKeys(keys));
  draw();
  const shared = rows.filter((row) => row.writers > 1).length;
  const cut = keys.length;
  return [
    h("h1", {}, t("data.title")),
    h("p", { class: "lead" }, t("data.lead", { tables: t("count.tables", { n: rows.length }), shared, cut })),
    h("div", { class: "controls" },
      textFilter("q", t("data.search"), draw), contextSelect(draw),
      select("show", t("data.show"), [["", t("all")], ["shared", t("data.shared")], ["foreign", t("data.foreign")], ["own", t("data.own")]], draw)),
    stage,
  ];
}

function tableRows() {
  const { name: names, owner, use, keys } = core.tables;
  const crossing = new Map();
  for (const [from, to] of keys) {
    if (to >= 0 && owner[from] !== owner[to]) for (const one of [from, to]) crossing.set(one, (crossing.get(one) ?? 0) + 1);
  }
  return names.map((label, table) => {
    const foreign = use[table].filter(([context]) => context !== owner[table]);
    return {
      table, label, owner: owner[table], use: use[table],
      writers: use[table].filter(([, , writes]) => writes).length,
      foreignWrites: sum(foreign.map(([, , writes]) => writes)),
      keys: crossing.get(table) ?? 0,
    };
  });
}

function wanted(row) {
  const context = filter("context");
  const text = filter("q").toLowerCase();
  const show = filter("show");
  const own = contextName(row.owner) === context;
  if (show === "own" && context && !own) return false;
  const touches = !context || own || row.use.some(([user]) => contextName(user) === context);
  const kind = !show || show === "own" || (show === "shared" ? row.writers > 1 : row.foreignWrites > 0);
  return touches && kind && (!text || row.label.toLowerCase().includes(text));
}

function ownership(rows) {
  const places = heatColumns(rows);
  return dataTable({
    label: t("data.tables"), className: "heated",
    rows: rows.sort((a, b) => b.writers - a.writers || b.foreignWrites - a.foreignWrites || b.keys - a.keys),
    columns: [
      { key: "table", label: t("col.table"), wide: "15rem", value: (r) => r.label, cell: (r) => tableLink(r.table) },
      { key: "owner", label: t("col.owner"), wide: "9rem", value: (r) => contextName(r.owner), cell: (r) => contextLink(r.owner) },
      { key: "use", label: t("col.use"), wide: "32rem", head: heatHead(places), cell: (r) => heatRow(r, places) },
      { key: "writers", label: t("col.writers"), num: true, wide: "6.2rem", value: (r) => r.writers, cell: (r) => r.writers > 1 ? h("strong", { class: "warn" }, String(r.writers)) : String(r.writers) },
      { key: "foreign", label: t("col.foreign"), num: true, wide: "5.6rem", value: (r) => r.foreignWrites, cell: (r) => String(r.foreignWrites) },
      { key: "keys", label: t("col.keys"), num: true, wide: "5.6rem", value: (r) => r.keys, cell: (r) => String(r.keys) },
    ],
  });
}

function keyRows() {
  const { owner, keys } = core.tables;
  return keys.filter(([from, to]) => to >= 0 && owner[from] !== owner[to]);
}

function cutKeys(keys) {
  const { name: names, owner } = core.tables;
  const context = filter("context");
  const text = filter("q").toLowerCase();
  const rows = keys.filter(([from, to]) =>
    (!context || [owner[from], owner[to]].map(contextName).includes(context)) &&
    (!text || names[from].toLowerCase().includes(text) || names[to].toLowerCase().includes(text)));
  return dataTable({
    label: t("data.keys"), rows, sort: "from", name: "keysort", empty: t("data.no_keys"),
    columns: [
      { key: "from", label: t("col.column"), wide: "20rem", value: ([from, , column]) => `${names[from]}.${column}`, cell: ([from, , column]) =>
        h("a", { href: evidenceAddress("key", names[from], column) }, name(`${names[from]}.${column}`)) },
      { key: "owner", label: t("col.owner"), value: ([from]) => contextName(owner[from]), cell: ([from]) => contextLink(owner[from]) },
      { key: "to", label: t("col.target"), value: ([, to]) => names[to], cell: ([, to]) => tableLink(to) },
      { key: "target", label: t("col.target_owner"), value: ([, to]) => contextName(owner[to]), cell: ([, to]) => contextLink(owner[to]) },
      { key: "rule", label: t("col.rule"), value: (r) => r[3], cell: (r) => r[3] || "–" },
    ],
  });
}
