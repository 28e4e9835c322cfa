// Roadmap: in which order, why, and in which stages that can each be checked and rolled back.

import { h, name } from "./dom.js";
import { contextLink } from "./links.js";
import { contextAddress, evidenceAddress } from "./router.js";
import { contextName, core, countKinds, sum } from "./store.js";
import { dataTable } from "./table.js";
import { percent, t } from "./text.js";
import { quarterChart } from "./view-changes.js";

export function roadmapView() {
  const ranked = core.candidates.filter((one) => !one.excluded);
  const rest = core.candidates.filter((one) => one.excluded);
  return [
    h("h1", {}, t("roadmap.title")),
    h("p", { class: "lead" }, t("roadmap.lead")),
    ranked.length ? h("ol", { class: "roadmap" }, ranked.map((one, index) => step(one, index, ranked))) : h("p", { class: "callout" }, t("verdict.no_candidate.lead")),
    rest.length ? h("h2", {}, t("roadmap.stays")) : null,
    rest.length ? h("ul", {}, rest.map((one) => h("li", {}, contextLink(one.context), ": ", t(`excluded.${one.excluded}`)))) : null,
    ...otherPlans(ranked),
    h("h2", {}, t("roadmap.numbers")),
    h("p", { class: "note" }, t("roadmap.numbers.note")),
    ranking(ranked),
    h("h2", {}, t("roadmap.progress")),
    h("p", { class: "note" }, t("roadmap.progress.note")),
    quarterChart(),
  ].filter(Boolean);
}

// How much of its changes a context keeps to itself; without commits nothing is known of that.
export function changesAlone(candidate) {
  const share = candidate.independence ?? -1;
  return share < 0 ? t("changes.none") : t("changes.alone", { share: percent(share) });
}

function step(one, index, ranked) {
  const title = contextName(one.context);
  return h("li", {},
    h("h2", {}, h("a", { href: contextAddress(title) }, name(title))),
    h("p", {}, t("roadmap.size", { modules: t("count.modules", { n: one.modules }), tables: t("count.tables", { n: one.tables }), entries: t("count.entries", { n: one.entries }) })),
    h("p", { class: "note" }, t("roadmap.why", {
      places: one.toCut.toLocaleString("en"), knots: one.knots, changes: changesAlone(one), confidence: percent(one.confidence),
    })),
    dependencies(one, ranked.slice(0, index)),
    planNote(one.context),
    h("details", { open: index === 0 }, h("summary", {}, t("roadmap.stages")), h("ol", { class: "stages", start: 0 }, stages(one))));
}

// The contexts that it is tied to most, and how much of that is with those taken out before.
function dependencies(one, before) {
  const places = new Map();
  for (const [a, b, kinds] of core.needs) {
    if (a !== one.context && b !== one.context) continue;
    const other = a === one.context ? b : a;
    if (core.contexts.kind[other] === "context") places.set(other, (places.get(other) ?? 0) + countKinds(kinds));
  }
  const ordered = [...places].sort((x, y) => y[1] - x[1] || x[0] - y[0]);
  const earlier = sum(before.map((other) => places.get(other.context) ?? 0));
  if (!ordered.length) return null;
  const shown = ordered.slice(0, 4).map(([other, n]) => [" ", h("a", { class: "chip", href: evidenceAddress("crossings", contextName(one.context), contextName(other)) }, `${contextName(other).slice(0, 60)} ${n.toLocaleString("en")}`)]);
  return h("p", { class: "note" }, t("roadmap.tied"), shown, " ",
    earlier ? t("roadmap.easier", { n: earlier, all: sum(ordered.map(([, n]) => n)) }) : "");
}

// The stored plan of a context: what it says in short, its routes, and the way to both.
export function planNote(context) {
  const plan = core.plans.find(([position]) => position === context);
  return plan ? h("p", { class: "note" }, planText(plan)) : null;
}

function planText([, href, sentences, , revision, routing, routes]) {
  const now = core.meta.revision;
  const older = revision && now && revision.replace(/\+dirty$/, "") !== now;
  return [
    h("a", { href }, t("roadmap.plan")), " ", sentences.join(" "), " ",
    routing ? h("a", { href: routing }, t("roadmap.routes", { n: routes[0], all: routes[1] })) : "",
    older ? ` ${t("roadmap.plan.older", { revision: revision.slice(0, 12) })}` : "",
  ];
}

// Plans of contexts that the order leaves out, or that are no context of this cut.
function otherPlans(ranked) {
  const shown = new Set(ranked.map((one) => one.context));
  const others = core.plans.filter(([position]) => !shown.has(position));
  if (!others.length) return [];
  return [
    h("h2", {}, t("roadmap.plans")),
    h("ul", {}, others.map((plan) => h("li", {}, plan[0] < 0 ? [name(plan[3]), ` (${t("roadmap.plan.gone")})`] : contextLink(plan[0]), ": ", planText(plan)))),
  ];
}

// Each stage with what has to be done in it, counted.
function stages(one) {
  const values = {
    entries: t("count.entries", { n: one.entries }), places: one.ports, tables: one.tables, knots: one.knots, modules: one.modules,
    transactions: one.transactions, writes: one.sharedWrites, reads: one.reads, keys: one.foreignKeys,
  };
  return [0, 1, 2, 3, 4].map((stage) => h("li", {}, h("b", {}, t(`stage.${stage}`)), " ", t(`stage.${stage}.what`, values)));
}

function ranking(rows) {
  return dataTable({
    label: t("roadmap.numbers"), rows, sort: "",
    columns: [
      { key: "context", label: t("col.context"), value: (r) => contextName(r.context), cell: (r) => contextLink(r.context) },
      { key: "to_cut", label: t("col.to_cut"), num: true, value: (r) => r.toCut, cell: (r) => r.toCut.toLocaleString("en") },
      { key: "knots", label: t("col.knots"), num: true, value: (r) => r.knots, cell: (r) => r.knots.toLocaleString("en") },
      { key: "independence", label: t("col.independence"), num: true, value: (r) => r.independence ?? -1, cell: (r) => percent(r.independence) },
      { key: "confidence", label: t("col.confidence"), num: true, value: (r) => r.confidence, cell: (r) => percent(r.confidence) },
    ],
  });
}
