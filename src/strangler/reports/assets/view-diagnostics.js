// Diagnostics: what was not understood, and how far that limits the verdict.

import { filter, select, textFilter } from "./controls.js";
import { h } from "./dom.js";
import { moduleLink, placeLink, contextLink } from "./links.js";
import { block, contextName, core } from "./store.js";
import { dataTable } from "./table.js";
import { known, percent, t } from "./text.js";

export function diagnosticsView() {
  const stage = h("div");
  const filters = h("div", { class: "controls" });
  const draw = async () => {
    const data = await block("diagnostics");
    const codes = [...new Set(data.code)].map((n) => data.words[n]).sort();
    if (!filters.childElementCount) {
      filters.append(
        textFilter("q", t("diagnostics.search"), draw),
        select("severity", t("col.severity"), [["", t("all")], ...["error", "warning", "note"].map((one) => [one, t(`severity.${one}`)])], draw),
        select("code", t("col.code"), [["", t("all")], ...codes.map((code) => [code, code])], draw));
    }
    stage.replaceChildren(messages(data));
  };
  draw();
  return [
    h("h1", {}, t("diagnostics.title")),
    h("p", { class: "lead" }, t("diagnostics.lead")),
    h("h2", {}, t("diagnostics.coverage")),
    coverage(),
    h("p", { class: "note" }, t("diagnostics.coverage.note")),
    h("p", { class: "note" }, t(core.meta.excerpts ? "source.carried" : "source.none")),
    h("h2", {}, t("diagnostics.libraries")),
    libraries(),
    h("h2", {}, t("diagnostics.history")),
    historyRead(),
    h("h2", {}, t("diagnostics.undecided")),
    h("p", { class: "note" }, t("diagnostics.undecided.note")),
    undecided(),
    h("h2", {}, t("diagnostics.messages")), h("p", { class: "note" }, t("diagnostics.weakens")), filters, stage,
    h("h2", {}, t("diagnostics.metrics")),
    h("p", { class: "note" }, t("diagnostics.metrics.note")),
    metrics(),
  ];
}

function coverage() {
  return dataTable({
    label: t("diagnostics.coverage"), name: "coverage", rows: core.coverage, sort: "-missing",
    columns: [
      { key: "rows", label: t("col.rows"), value: (r) => r[0], cell: (r) => r[0] },
      { key: "found", label: t("col.found"), num: true, value: (r) => r[1], cell: (r) => r[1].toLocaleString("en") },
      { key: "missing", label: t("col.missing"), num: true, value: (r) => r[2], cell: (r) => r[2].toLocaleString("en") },
      { key: "doubtful", label: t("col.doubtful"), num: true, value: (r) => r[3], cell: (r) => r[3].toLocaleString("en") },
      { key: "share", label: t("col.share_found"), num: true, value: foundShare, cell: (r) => percent(foundShare(r)) },
    ],
  });
}

function foundShare([, found, missing, doubtful]) {
  return found / Math.max(1, found + missing + doubtful);
}

function libraries() {
  if (!core.libraries.length) return h("p", { class: "note" }, t("diagnostics.libraries.none"));
  return dataTable({
    label: t("diagnostics.libraries"), name: "libraries", rows: core.libraries, sort: "reading",
    columns: [
      { key: "library", label: t("col.library"), value: (r) => r[0], cell: (r) => r[0] },
      { key: "kind", label: t("col.kind"), value: (r) => r[1], cell: (r) => r[1] || "–" },
      { key: "reading", label: t("col.reading"), value: (r) => r[2], cell: (r) => r[2] },
      { key: "modules", label: t("col.modules"), num: true, value: (r) => r[3], cell: (r) => r[3].toLocaleString("en") },
      { key: "place", label: t("col.first_import"), value: (r) => r[4], cell: (r) => placeLink(...splitPlace(r[4])) },
    ],
  });
}

function splitPlace(text) {
  const at = text.lastIndexOf(":");
  return [text.slice(0, at), Number(text.slice(at + 1))];
}

function metrics() {
  const shown = (value) => (value === null ? "–" : value.toLocaleString("en", { maximumFractionDigits: 3 }));
  return dataTable({
    label: t("diagnostics.metrics"), name: "metrics", rows: Object.entries(core.metrics),
    columns: [
      { key: "metric", label: t("col.metric"), value: (r) => r[0], cell: (r) => r[0].replaceAll("_", " ") },
      { key: "value", label: t("col.value"), num: true, value: (r) => r[1] ?? -1, cell: (r) => shown(r[1]) },
    ],
  });
}

function historyRead() {
  const { commits, since, until, skipped } = core.meta;
  if (!commits) return h("p", { class: "note" }, t("changes.none"));
  return h("ul", {},
    h("li", {}, t("history.used", { n: commits, since: since ?? t("history.start"), until: until ?? t("history.end") })),
    Object.entries(skipped).map(([reason, n]) => h("li", {}, t("history.skipped", { reason: known(`skipped.${reason}`, reason), n }))));
}

function undecided() {
  const { confidence, context, alternative } = core.modules;
  const rows = confidence.map((share, i) => (share >= 0 && share < 0.6 && core.contexts.kind[context[i]] === "context" ? i : -1)).filter((i) => i >= 0);
  return dataTable({
    label: t("diagnostics.undecided"), rows, name: "undecided", sort: "confidence", empty: t("diagnostics.all_decided"),
    columns: [
      { key: "module", label: t("col.module"), wide: "24rem", value: (m) => core.modules.name[m], cell: moduleLink },
      { key: "confidence", label: t("col.confidence"), num: true, value: (m) => confidence[m], cell: (m) => percent(confidence[m]) },
      { key: "context", label: t("col.context"), value: (m) => contextName(context[m]), cell: (m) => contextLink(context[m]) },
      { key: "alternative", label: t("col.alternative"), value: (m) => contextName(alternative[m]), cell: (m) => contextLink(alternative[m]) },
    ],
  });
}

// The rows of the model that are less complete for a message.
function weakened(code) {
  return (core.weakens[code] ?? []).join(", ");
}

function messages(data) {
  const text = filter("q").toLowerCase();
  const rows = data.file
    .map((file, i) => ({ file: data.words[file], line: data.line[i], code: data.words[data.code[i]], severity: data.words[data.severity[i]], message: data.words[data.message[i]] }))
    .filter((row) => (!filter("severity") || row.severity === filter("severity")) && (!filter("code") || row.code === filter("code"))
      && (!text || `${row.file} ${row.message}`.toLowerCase().includes(text)));
  const weight = { error: 0, warning: 1, note: 2 };
  return dataTable({
    label: t("diagnostics.messages"), rows, sort: "severity", empty: t("diagnostics.none"),
    columns: [
      { key: "severity", label: t("col.severity"), wide: "8rem", value: (r) => weight[r.severity], cell: (r) => h("span", { class: `severity ${r.severity}` }, t(`severity.${r.severity}`)) },
      { key: "code", label: t("col.code"), wide: "12rem", value: (r) => r.code, cell: (r) => r.code },
      { key: "weakens", label: t("col.weakens"), wide: "11rem", value: (r) => weakened(r.code), cell: (r) => weakened(r.code) || "–" },
      { key: "message", label: t("col.message"), wide: "30rem", value: (r) => r.message, cell: (r) => h("span", { title: r.message.slice(0, 500) }, r.message) },
      { key: "file", label: t("col.file"), wide: "22rem", value: (r) => r.file, cell: (r) => placeLink(r.file, r.line) },
    ],
  });
}
