// Change coupling: what changes together across the proposed boundaries, and since when.

import { contextSelect, filter, textFilter } from "./controls.js";
import { h, scroller, svg } from "./dom.js";
import { contextLink, moduleLink } from "./links.js";
import { evidenceAddress } from "./router.js";
import { block, contextName, core } from "./store.js";
import { dataTable } from "./table.js";
import { known, percent, t } from "./text.js";

export function changesView() {
  if (!core.meta.commits) return [h("h1", {}, t("changes.title")), h("p", { class: "callout" }, t("changes.none"))];
  const contexts = h("div");
  const modules = h("div");
  const hot = h("div");
  const draw = async () => {
    contexts.replaceChildren(contextPairs());
    hot.replaceChildren(hotspots());
    modules.replaceChildren(await modulePairs());
  };
  draw();
  const skipped = Object.entries(core.meta.skipped).map(([reason, n]) => `${known(`skipped.${reason}`, reason)} ${n.toLocaleString("en")}`).join(", ");
  return [
    h("h1", {}, t("changes.title")),
    h("p", { class: "lead" }, t("changes.lead", { n: core.meta.commits, since: core.meta.since ?? t("history.start") })),
    skipped ? h("p", { class: "note" }, t("changes.skipped", { reasons: skipped })) : null,
    h("h2", {}, t("changes.time")),
    quarterChart(),
    h("div", { class: "controls" }, contextSelect(draw), textFilter("q", t("changes.search"), draw)),
    h("h2", {}, t("changes.contexts")), h("p", { class: "note" }, t("changes.trend.note")), contexts,
    h("h2", {}, t("activity.hotspots")), h("p", { class: "note" }, t("changes.hot.note")), hot,
    h("h2", {}, t("changes.modules")), h("p", { class: "note" }, t("changes.modules.note")), modules,
  ].filter(Boolean);
}

// Bars per quarter: commits within one context, and over several.
export function quarterChart() {
  const quarters = core.together.quarters;
  if (!quarters.length) return h("p", { class: "note" }, t("changes.none"));
  const most = Math.max(...quarters.map(([, within, across]) => within + across));
  const [width, height, step] = [Math.max(320, quarters.length * 54), 170, 54];
  const scale = (n) => (n / most) * 110;
  const bars = quarters.map(([label, within, across], i) => {
    const x = i * step + 8;
    const top = 130 - scale(within) - scale(across);
    return svg("g", {},
      svg("title", {}, t("changes.quarter", { quarter: label, within, across })),
      svg("rect", { x, y: 130 - scale(within), width: 36, height: scale(within), class: "within" }),
      svg("rect", { x, y: top, width: 36, height: scale(across), class: "across" }),
      svg("text", { x: x + 18, y: top - 5, class: "value" }, percent(within / (within + across))),
      svg("text", { x: x + 18, y: 146, class: "label" }, label.slice(5)),
      label.endsWith("Q1") || i === 0 ? svg("text", { x: x + 18, y: 161, class: "label" }, label.slice(0, 4)) : []);
  });
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": t("changes.time.label", { first: quarters[0][0], last: quarters.at(-1)[0] }) }, bars);
  return h("div", {}, h("p", { class: "key" }, h("span", {}, h("i", { class: "cell within" }), t("changes.within")), h("span", {}, h("i", { class: "cell across" }), t("changes.across"))), scroller(t("changes.time"), chart));
}

function contextPairs() {
  const { commits, pairs } = core.together;
  const context = filter("context");
  const rows = pairs
    .filter(([a, b]) => !context || contextName(a) === context || contextName(b) === context)
    .map(([a, b, n]) => ({ a, b, n, trend: trendOf(a, b), share: n / Math.max(1, Math.min(commits[a], commits[b])) }));
  return dataTable({
    label: t("changes.contexts"), rows, sort: "-n", name: "pairs",
    columns: [
      { key: "a", label: t("col.context"), value: (r) => contextName(r.a), cell: (r) => contextLink(r.a) },
      { key: "b", label: t("col.with"), value: (r) => contextName(r.b), cell: (r) => contextLink(r.b) },
      { key: "n", label: t("col.commits"), num: true, value: (r) => r.n, cell: (r) => h("a", { href: evidenceAddress("commits", contextName(r.a), contextName(r.b)) }, r.n.toLocaleString("en")) },
      { key: "share", label: t("col.share"), num: true, value: (r) => r.share, cell: (r) => percent(r.share) },
      { key: "trend", label: t("col.trend"), value: (r) => (r.trend ? r.trend[3] - r.trend[2] : 0), cell: (r) => trendTold(r.trend) },
    ],
  });
}

function trendOf(a, b) {
  return core.trends.find(([x, y]) => (x === a && y === b) || (x === b && y === a));
}

// Commits in the first half of the log and in the second, and whether chance explains the difference.
function trendTold(trend) {
  if (!trend) return "–";
  const [, , earlier, later, word] = trend;
  return h("span", { class: word === "growing" ? "warn" : null }, t("changes.trend", { earlier, later, word: t(`activity.trend.${word}`) }));
}

// Large modules that change often: where an extraction pays first.
function hotspots() {
  const context = filter("context");
  const { name: names, context: home } = core.modules;
  const rows = core.hotspots.filter(([module]) => module >= 0 && (!context || contextName(home[module]) === context));
  return dataTable({
    label: t("activity.hotspots"), rows, sort: "-score", name: "hot",
    columns: [
      { key: "module", label: t("col.module"), wide: "19rem", value: (r) => names[r[0]], cell: (r) => moduleLink(r[0]) },
      { key: "context", label: t("col.in"), wide: "10rem", value: (r) => contextName(home[r[0]]), cell: (r) => contextLink(home[r[0]]) },
      { key: "commits", label: t("col.commits"), num: true, value: (r) => r[1], cell: (r) => r[1].toLocaleString("en") },
      { key: "later", label: t("col.later"), num: true, value: (r) => r[2], cell: (r) => r[2].toLocaleString("en") },
      { key: "lines", label: t("col.lines"), num: true, value: (r) => r[3], cell: (r) => r[3].toLocaleString("en") },
      { key: "score", label: t("col.score"), num: true, value: (r) => r[4], cell: (r) => percent(r[4]) },
    ],
  });
}

async function modulePairs() {
  const history = await block("history");
  const { name: names, context: home } = core.modules;
  const context = filter("context");
  const text = filter("q").toLowerCase();
  const rows = [];
  history.a.forEach((a, i) => {
    const b = history.b[i];
    if (a < 0 || b < 0 || home[a] === home[b]) return;
    if (context && contextName(home[a]) !== context && contextName(home[b]) !== context) return;
    if (text && !names[a].toLowerCase().includes(text) && !names[b].toLowerCase().includes(text)) return;
    rows.push({ a, b, support: history.support[i], confidence: history.confidence[i], lift: history.lift[i] });
  });
  const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 });
  const table = dataTable({
    label: t("changes.modules"), rows, sort: "-support",
    columns: [
      { key: "a", label: t("col.module"), wide: "19rem", value: (r) => names[r.a], cell: (r) => moduleLink(r.a) },
      { key: "ca", label: t("col.in"), wide: "9rem", value: (r) => contextName(home[r.a]), cell: (r) => contextLink(home[r.a]) },
      { key: "b", label: t("col.with"), wide: "19rem", value: (r) => names[r.b], cell: (r) => moduleLink(r.b) },
      { key: "cb", label: t("col.in"), wide: "9rem", value: (r) => contextName(home[r.b]), cell: (r) => contextLink(home[r.b]) },
      { key: "support", label: t("col.support"), num: true, value: (r) => r.support, cell: (r) => h("a", { href: evidenceAddress("changes", names[r.a], names[r.b]) }, number(r.support)) },
      { key: "confidence", label: t("col.pair_confidence"), num: true, value: (r) => r.confidence, cell: (r) => percent(r.confidence) },
      { key: "lift", label: t("col.lift"), num: true, value: (r) => r.lift, cell: (r) => number(r.lift) },
    ],
  });
  const cut = history.all > history.a.length ? h("p", { class: "note" }, t("changes.cut", { shown: history.a.length, all: history.all })) : "";
  return h("div", {}, table, cut);
}

