// Service canvas: one context on one page.

import { filter } from "./controls.js";
import { h, name } from "./dom.js";
import { contextLink, moduleLink, tableLink } from "./links.js";
import { address, evidenceAddress } from "./router.js";
import { block, contextName, core, countKinds, modulesOf } from "./store.js";
import { dataTable } from "./table.js";
import { percent, t } from "./text.js";
import { entryRows } from "./view-entries.js";
import { kindList } from "./view-map.js";
import { changesAlone, planNote } from "./view-roadmap.js";

const FEW = 6;

export function contextView(label) {
  const position = core.contexts.name.indexOf(label);
  if (position < 0) return [h("h1", {}, t("canvas.unknown")), h("p", {}, h("bdi", {}, label ?? ""))];
  const modules = modulesOf(position);
  const candidate = core.candidates.find((one) => one.context === position);
  return [
    h("p", { class: "eyebrow" }, t("canvas.eyebrow", { kind: t(`context.${core.contexts.standing[position]}`) })),
    h("h1", {}, name(label)),
    h("p", { class: "lead" }, t("canvas.lead", {
      modules: t("count.modules", { n: modules.length }), share: percent(core.contexts.confidence[position]),
      changes: candidate && !(candidate.excluded && candidate.independence == null) ? `; ${changesAlone(candidate)}` : "",
    })),
    gaps(core.contexts.gaps[position]),
    core.contexts.parent[position] ? h("p", { class: "note" }, t("canvas.parent", { name: core.contexts.parent[position] })) : null,
    candidate?.excluded ? h("p", { class: "callout reason" }, t(`excluded.${candidate.excluded}`)) : null,
    ...domains(position),
    planNote(position),
    h("div", { class: "canvas" }, boxes(position).filter(Boolean)),
    h("p", { class: "note", id: "canvas-none" }, missing(position)),
    h("h2", {}, t("canvas.modules")),
    h("p", { class: "note" }, t("canvas.modules.note")),
    moduleTable(modules),
  ].filter(Boolean);
}

// The domains that lie together in it, the modules that no cut between them can do without splitting, and what
// of the first of these belongs to which.
function domains(position) {
  const found = core.contexts.domains[position];
  if (!found.length) return [];
  const stays = core.contexts.standing[position] === "rest";
  const split = core.contexts.split[position].map((n) => core.modules.name[n]);
  return [
    stays ? h("h2", {}, t("canvas.starts")) : null,
    h("p", { class: "note" }, t(stays ? "canvas.starts.note" : "canvas.domains")),
    h("ul", { class: "note" }, found.map(domain)),
    inNone(core.contexts.in_none[position]),
    split.length ? h("p", { class: "note" }, t("canvas.split", { names: split.join(", ") })) : null,
    h("ul", { class: "note" }, core.contexts.parts[position].map(([module, parts]) => h("li", {},
      h("span", { class: "code" }, name(core.modules.name[module])),
      h("ul", {}, parts.filter(([label]) => label).map(([label, definitions]) => h("li", {}, t("canvas.part", {
        name: label, n: definitions.length, definitions: definitions.join(", "),
      }))))))),
  ];
}

function domain([label, modules, tables, reasons]) {
  const names = modules.map((n) => core.modules.name[n]);
  return h("li", {}, h("strong", {}, name(label)), " ", t("canvas.domain", {
    modules: names.length ? t("count.modules", { n: names.length }) : t("canvas.domain.none"),
    tables: tables.map((n) => core.tables.name[n]).join(", "),
  }), reasons.length ? h("p", {}, t("canvas.domain.why", { why: reasons.join("; ") })) : null,
  names.length ? h("details", {}, h("summary", {}, t("canvas.domain.modules")), h("p", { class: "code" }, names.join(", "))) : null);
}

// What of it is in no domain: nothing is left out silently.
function inNone(left) {
  if (!left) return null;
  const [modules, tables] = [left[0].map((n) => core.modules.name[n]), left[1].map((n) => core.tables.name[n])];
  return h("details", { class: "note" },
    h("summary", {}, t("canvas.none", {
      tables: t("count.tables", { n: tables.length }), modules: t("count.modules", { n: modules.length }),
    })),
    tables.length ? h("p", { class: "code" }, tables.join(", ")) : null,
    modules.length ? h("p", { class: "code" }, modules.join(", ")) : null);
}

// What was not understood in its modules, and so is on none of the boxes.
function gaps(found) {
  if (!found.length) return null;
  const what = found.map(([rows, count]) => t("canvas.gap", { rows, count })).join("; ");
  return h("p", { class: "note" }, h("a", { href: address(["diagnostics"]) }, t("canvas.gaps", { what })));
}

function boxes(position) {
  const rows = entryRows().filter((row) => row.context === position);
  const entryBox = (kind) => box(t(`canvas.${kind}`), rows.filter((row) => row.kind === kind), (row) =>
    [h("a", { class: "code", href: evidenceAddress("entry", row.i) }, name(row.name)), row.detail ? ` ${row.detail}` : ""],
    address(["entries"], new Map([["context", contextName(position)], ["kind", kind]])));
  return [
    entryBox("endpoint"), entryBox("task"), entryBox("command"), entryBox("signal"),
    sentBox(position), ownedBox(position), borrowedBox(position),
    tiesBox(position, 0, t("canvas.needs")), tiesBox(position, 1, t("canvas.needed")),
    settingsBox(position), testsBox(position), changesBox(position),
  ];
}

// A box with its first items; none for nothing, since the line below the boxes names what is missing.
function box(title, items, draw, more = "") {
  if (!items.length) return null;
  const list = items.slice(0, FEW).map((item) => h("li", {}, draw(item)));
  const rest = items.length - list.length;
  const others = h("ul", { hidden: true });
  const open = () => {
    others.replaceChildren(...items.slice(FEW).map((item) => h("li", {}, draw(item))));
    others.hidden = false;
    tail.remove();
  };
  const tail = rest > 0 ? h("p", {}, more
    ? h("a", { href: more }, t("canvas.more", { n: rest }))
    : h("button", { type: "button", class: "link", onclick: open }, t("canvas.more", { n: rest }))) : null;
  return h("section", { class: "box" }, h("h2", {}, title, " ", h("span", { class: "count" }, String(items.length))),
    h("ul", {}, list), others, tail);
}

// The kinds of ways in that the context has none of.
function missing(position) {
  const there = new Set(entryRows().filter((row) => row.context === position).map((row) => row.kind));
  const none = ["endpoint", "task", "command", "signal"].filter((kind) => !there.has(kind)).map((kind) => t(`canvas.${kind}`));
  if (!core.tables.owner.includes(position)) none.push(t("canvas.owned"));
  return none.length ? t("canvas.without", { what: none.join(", ") }) : "";
}

function sentBox(position) {
  const home = core.modules.context;
  const sent = new Map();
  for (const [kind, label, module] of core.entries.messages) {
    if (home[module] === position) sent.set(`${kind} ${label}`, [kind, label, (sent.get(`${kind} ${label}`)?.[2] ?? 0) + 1]);
  }
  return box(t("canvas.sent"), [...sent.values()], ([kind, label, count]) => [t(`search.${kind}`), " ", name(label), ` ×${count}`]);
}

function ownedBox(position) {
  const { owner, use } = core.tables;
  const owned = owner.map((one, i) => (one === position ? i : -1)).filter((i) => i >= 0);
  const others = (table) => use[table].filter(([context, , writes]) => context !== position && writes).length;
  owned.sort((a, b) => others(b) - others(a) || a - b);
  const more = address(["data"], new Map([["context", contextName(position)], ["show", "own"]]));
  return box(t("canvas.owned"), owned, (table) => [tableLink(table), others(table) ? h("strong", { class: "warn" }, " ", t("canvas.others_write", { n: others(table) })) : ""], more);
}

function borrowedBox(position) {
  const { owner, use } = core.tables;
  const used = owner
    .map((one, i) => (one === position ? null : [i, use[i].find(([context]) => context === position)]))
    .filter((row) => row?.[1])
    .sort((a, b) => b[1][2] - a[1][2] || b[1][1] - a[1][1]);
  const more = address(["data"], new Map([["context", contextName(position)]]));
  return box(t("canvas.borrowed"), used, ([table, [, reads, writes]]) =>
    [tableLink(table), ` ${t("data.r", { n: reads })} `, writes ? h("strong", { class: "warn" }, t("data.w", { n: writes })) : ""], more);
}

function tiesBox(position, end, title) {
  const found = core.needs.filter((need) => need[end] === position).sort((a, b) => countKinds(b[2]) - countKinds(a[2]));
  return box(title, found, (need) => [
    contextLink(need[1 - end]), " ",
    h("a", { href: evidenceAddress("crossings", contextName(need[0]), contextName(need[1])) }, t("count.places", { n: countKinds(need[2]) })),
    " ", kindList(need[2])], address(["map"]));
}

function settingsBox(position) {
  const found = modulesOf(position).filter((module) => core.modules.role[module] === "settings");
  return box(t("canvas.settings"), found, (module) => [moduleLink(module)]);
}

function testsBox(position) {
  const target = h("span");
  const { context, role } = core.modules;
  block("code").then((code) => {
    const tests = new Set();
    code.from.forEach((from, i) => role[from] === "test" && context[code.to[i]] === position && tests.add(from));
    target.replaceWith(box(t("canvas.tests"), [...tests], (module) => [moduleLink(module)]) ?? "");
  });
  return target;
}

function changesBox(position) {
  const pairs = core.together.pairs.filter(([a, b]) => a === position || b === position).sort((a, b) => b[2] - a[2]);
  return box(t("canvas.changes"), pairs, ([a, b, n]) => {
    const other = a === position ? b : a;
    return [contextLink(other), " ", h("a", { href: evidenceAddress("commits", contextName(a), contextName(b)) }, t("count.commits", { n }))];
  });
}

function moduleTable(modules) {
  const { name: names, lines, confidence, alternative, role, reasons, reason } = core.modules;
  const common = modules.length > 1 ? reasons[modules[0]].filter((n) => modules.every((m) => reasons[m].includes(n))) : [];
  const why = (m) => reasons[m].filter((n) => !common.includes(n)).map((n) => reason[n]).join("; ");
  const note = common.length ? h("p", { class: "note" }, t("canvas.common", { reasons: common.map((n) => reason[n]).join("; ") })) : null;
  return h("div", {}, note, dataTable({
    label: t("canvas.modules"), rows: modules, sort: filter("sort") || "confidence",
    columns: [
      { key: "module", label: t("col.module"), wide: "22rem", value: (m) => names[m], cell: moduleLink },
      { key: "confidence", label: t("col.confidence"), num: true, value: (m) => confidence[m], cell: (m) => percent(confidence[m]) },
      { key: "alternative", label: t("col.alternative"), wide: "12rem", value: (m) => (alternative[m] < 0 ? "" : contextName(alternative[m])), cell: (m) => (alternative[m] < 0 ? "–" : contextLink(alternative[m])) },
      { key: "role", label: t("col.role"), wide: "8rem", value: (m) => role[m], cell: (m) => role[m] },
      { key: "lines", label: t("col.lines"), num: true, value: (m) => lines[m], cell: (m) => lines[m].toLocaleString("en") },
      { key: "reasons", label: t("col.reasons"), wide: "24rem", cell: (m) => h("span", { class: "clamp" }, why(m) || "–") },
    ],
  }));
}
