// Who reads and writes each table, as a strip of one cell a context; on a narrow screen the cells that are not
// empty become words.

import { h } from "./dom.js";
import { contextName, core, sum } from "./store.js";
import { t } from "./text.js";

const MOST_COLUMNS = 24;
const NUMBERED = 14;
const STEPS = [1, 3, 10, 30];
const IN_WORDS = 8; // cells of a row that a narrow screen tells in words

// The contexts that use or own one of the tables, those with most tables first; the rest share the last column.
export function heatColumns(rows) {
  const owned = new Map();
  for (const row of rows) {
    for (const [context] of row.use) owned.set(context, owned.get(context) ?? 0);
    if (row.owner >= 0) owned.set(row.owner, (owned.get(row.owner) ?? 0) + 1);
  }
  const order = [...owned].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([context]) => context);
  const shown = order.slice(0, MOST_COLUMNS).map((context) => [context]);
  return order.length > MOST_COLUMNS ? [...shown, order.slice(MOST_COLUMNS)] : shown;
}

function heading(contexts) {
  return contexts.length === 1 ? contextName(contexts[0]) : t("heat.rest", { n: contexts.length });
}

// Cells with numbers in them do not shrink.
function strip(columns) {
  return columns.length > NUMBERED ? "heat" : "heat wide";
}

export function heatHead(columns) {
  return h("div", { class: `${strip(columns)} head` }, columns.map((contexts) =>
    h("span", { title: heading(contexts).slice(0, 200) }, h("bdi", {}, heading(contexts)))));
}

export function heatRow(row, columns) {
  const use = new Map(row.use.map(([context, reads, writes]) => [context, { reads, writes }]));
  const told = [];
  const cells = columns.map((contexts) => {
    const found = contexts.map((context) => use.get(context)).filter(Boolean);
    const [reads, writes] = [sum(found.map((one) => one.reads)), sum(found.map((one) => one.writes))];
    const own = contexts.includes(row.owner);
    if (!reads && !writes) return h("span", { class: own ? "own" : null });
    const parts = [writes ? t("data.w", { n: writes }) : "", reads ? t("data.r", { n: reads }) : ""].filter(Boolean).join(", ");
    const shade = STEPS.filter((least) => (writes || reads) >= least).length;
    const kind = own ? "own" : writes ? "writes" : "reads";
    const label = `${heading(contexts).slice(0, 200)}: ${parts}`;
    const cell = h("span", { class: `${kind} shade-${shade}`, role: "img", "aria-label": label, title: label, "data-words": label },
      columns.length > NUMBERED ? null : String(writes || reads));
    told.push({ cell, rank: [own, writes, reads] });
    return cell;
  });
  const minor = told.sort((a, b) => b.rank[0] - a.rank[0] || b.rank[1] - a.rank[1] || b.rank[2] - a.rank[2]).slice(IN_WORDS);
  for (const { cell } of minor) cell.classList.add("minor");
  return h("div", { class: strip(columns) }, cells,
    minor.length ? h("span", { class: "rest", "data-words": t("canvas.more", { n: minor.length }) }) : null);
}

export function heatKey() {
  const item = (kind) => h("span", {}, h("span", { class: "heat" }, h("span", { class: `${kind} shade-3` })), t(`heat.${kind}`));
  return core.tables.name.length ? h("p", { class: "key heat-key" }, ["own", "writes", "reads"].map(item), t("heat.shade")) : "";
}
