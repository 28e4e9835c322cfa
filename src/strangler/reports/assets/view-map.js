// Context map: who needs whom, and through what; one context and its neighbours, a way between two, and what to
// cut so that no cycle is left.

import { checkbox, filter, select, slider, toggled } from "./controls.js";
import { h, name, scroller, svg } from "./dom.js";
import { contextLink } from "./links.js";
import { cardOf, curve, GROUPS, linesOf, roomFor, sureness, swatch } from "./map-draw.js";
import { framed, frozen, pictureButtons } from "./pictures.js";
import { evidenceAddress, setFilter } from "./router.js";
import { contextName, core, countKinds, sum } from "./store.js";
import { dataTable } from "./table.js";
import { t } from "./text.js";

export function mapView() {
  const labels = core.levels.map((level) => level.label);
  const recommended = labels.indexOf("recommended");
  const start = Math.min(Math.max(0, Number(filter("level", String(recommended + 1))) - 1 || 0), labels.length - 1);
  const stage = h("div");
  const chooser = h("span", { class: "controls inline" });
  let chosen = start;
  const draw = () => stage.replaceChildren(...drawLevel(core.levels[chosen]));
  const restart = () => {
    chooser.replaceChildren(...nameSelects(core.levels[chosen], draw));
    draw();
  };
  const pick = (n) => {
    chosen = n;
    setFilter("level", n === recommended ? "" : n + 1);
    for (const key of ["lines", "focus", "to"]) setFilter(key, "");
    restart();
  };
  restart();
  return [
    h("h1", {}, t("map.title")),
    h("p", { class: "lead" }, t("map.lead")),
    h("div", { class: "controls" },
      labels.length > 1 ? levelSlider(labels, start, pick) : null, chooser,
      h("fieldset", {}, h("legend", {}, t("map.kinds")), GROUPS.map((group) => checkbox("off", group, [swatch(group), t(`group.${group}`)], draw)),
        checkbox("show", "shared", t("map.kernel"), draw, false),
        checkbox("show", "certain", t("map.certain"), draw, false),
        core.breakers.pairs.length ? checkbox("show", "cycles", t("map.cycles"), draw, false) : null)),
    stage,
    ...breakerList(),
  ];
}

// One context with its neighbours, or the way from it to another.
function nameSelects(level, draw) {
  const names = level.cards.map(([n]) => level.name[n]).sort();
  const options = [["", t("all")], ...names.map((one) => [one, one.slice(0, 80)])];
  return [select("focus", t("map.focus"), options, draw), select("to", t("map.way"), [["", "–"], ...options.slice(1)], draw)];
}

function properOf(level) {
  return level.kind.filter((kind) => kind === "context").length;
}

function levelSlider(labels, start, pick) {
  const describe = (n) => t(`level.${labels[n]}`, { n: properOf(core.levels[n]) });
  const output = h("output", {}, describe(start));
  const box = h("input", { type: "range", min: 0, max: labels.length - 1, step: 1 });
  box.value = start;
  box.addEventListener("input", () => {
    output.textContent = describe(Number(box.value));
    pick(Number(box.value));
  });
  return h("label", { class: "control range" }, h("span", {}, t("map.level")), box, output);
}

function drawLevel(level) {
  const off = toggled("off");
  const show = toggled("show");
  const every = linesOf(level, off, { shared: show.has("shared"), certain: show.has("certain") });
  const [focus, to] = [level.name.indexOf(filter("focus")), level.name.indexOf(filter("to"))];
  const way = focus >= 0 && to >= 0 ? shortest(every, focus, to) : null;
  const lines = every.filter((line) => stays(line, level, { focus, to, way, cycles: show.has("cycles") }));
  const all = focus >= 0 || show.has("cycles");
  const initial = all ? lines.length : Math.min(lines.length, Math.max(6, Math.round(level.name.length * 1.1)));
  const layer = svg("g", {});
  const fill = (n) => {
    const room = roomFor(cards);
    layer.replaceChildren(...lines.slice(0, n).map((line) => curve(line, level, room)));
  };
  const seen = new Set(focus >= 0 ? [focus, ...(way ?? []), ...lines.flatMap((line) => [line.a, line.b])] : []);
  const cards = level.cards.filter(([n]) => focus < 0 || seen.has(n));
  fill(all ? lines.length : Math.min(Number(filter("lines", String(initial))), lines.length));
  const picture = svg("svg", {
    class: "map", viewBox: `0 0 ${level.width} ${level.height}`, role: "group", "aria-label": t("map.title"),
  }, layer, svg("g", {}, cards.map((card) => cardOf(card, level, layer))));
  picture.style.minWidth = `${Math.min(level.width * 0.72, 1000)}px`;
  picture.style.maxWidth = `${level.width * 1.25}px`;
  const describe = (n) => t("map.lines_of", { n: Math.min(n, lines.length), all: lines.length });
  return [
    all ? null : h("div", { class: "controls" }, slider("lines", t("map.lines"), lines.length ? 1 : 0, Math.max(1, lines.length), initial, describe, fill)),
    focus >= 0 && to >= 0 ? wayTold(way, every, level) : null,
    scroller(t("map.title"), picture),
    h("p", { class: "key" }, t("map.numbers")),
    pictureButtons("map", () => mapPicture(picture, level)),
    level.label === "packages" ? null : confidenceKey(),
    level.leftOut ? h("p", { class: "note" }, t("map.left_out", { n: level.leftOut })) : null,
    h("h2", {}, t("map.table")),
    level.label === "recommended" ? tieTable(off, show, filter("focus")) : lineTable(lines, level),
  ].filter(Boolean);
}

// What stays drawn: the lines of the way, of the context in focus, or those that break the cycles.
function stays(line, level, { focus, to, way, cycles }) {
  const joins = (a, b) => (line.a === a && line.b === b) || (line.a === b && line.b === a);
  if (cycles && (level.label !== "recommended"
    || !core.breakers.pairs.some(([a, b]) => joins(level.name.indexOf(contextName(a)), level.name.indexOf(contextName(b)))))) return false;
  if (focus < 0) return true;
  if (to >= 0) return Boolean(way?.some((n, i) => i && joins(way[i - 1], n)));
  return line.a === focus || line.b === focus;
}

// Along what each needs; of several ways of one length that with the most places at each step.
function shortest(lines, from, to) {
  const next = new Map();
  const add = (a, b, places) => places && next.set(a, [...(next.get(a) ?? []), [b, places]]);
  for (const line of lines) add(line.a, line.b, line.there), add(line.b, line.a, line.back);
  const before = new Map([[from, -1]]);
  const queue = [from];
  for (const n of queue) {
    for (const [other] of (next.get(n) ?? []).sort((x, y) => y[1] - x[1])) {
      if (!before.has(other)) before.set(other, n), queue.push(other);
    }
  }
  if (!before.has(to)) return null;
  const way = [];
  for (let n = to; n >= 0; n = before.get(n)) way.unshift(n);
  return way;
}

function wayTold(way, lines, level) {
  if (!way) return h("p", { class: "callout", role: "status" }, t("map.no_way", { from: filter("focus"), to: filter("to") }));
  const places = (a, b) => {
    const line = lines.find((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a));
    return line.a === a ? line.there : line.back;
  };
  const steps = way.slice(1).map((n, i) => [" → ", name(level.name[n]), ` (${t("count.places", { n: places(way[i], n) })})`]);
  return h("p", { class: "callout", role: "status" }, name(level.name[way[0]]), steps);
}

function breakerList() {
  const { pairs, exact, knotted } = core.breakers;
  if (!pairs.length) return [h("h2", {}, t("cycles.title")), h("p", { class: "note" }, t("cycles.none"))];
  const names = core.contexts.name;
  const rows = pairs.map(([a, b]) => {
    const kinds = core.needs.find((need) => need[0] === a && need[1] === b)[2];
    return { a, b, kinds, weight: countKinds(kinds) };
  });
  return [
    h("h2", {}, t("cycles.title")),
    h("p", { class: "note" }, t(exact ? "cycles.note" : "cycles.note_many", { pairs: rows.length, places: sum(rows.map((r) => r.weight)), knotted })),
    dataTable({
      label: t("cycles.title"), rows, sort: "weight", name: "cyclesort",
      columns: [
        { key: "from", label: t("col.needs"), value: (r) => names[r.a], cell: (r) => contextLink(r.a) },
        { key: "to", label: t("col.needed"), value: (r) => names[r.b], cell: (r) => contextLink(r.b) },
        { key: "weight", label: t("col.places"), num: true, value: (r) => r.weight, cell: (r) =>
          h("a", { href: evidenceAddress("crossings", names[r.a], names[r.b]) }, r.weight.toLocaleString("en")) },
        { key: "kinds", label: t("col.kinds"), wide: "26rem", cell: (r) => kindList(r.kinds) },
      ],
    }),
  ];
}

// What is drawn, for a slide, with the kinds of lines that are in it.
function mapPicture(picture, level) {
  const kinds = GROUPS.filter((group) => picture.querySelector(`.pair.${group}`));
  const items = kinds.map((group) => ({ mark: frozen(picture.querySelector(`.pair.${group} .line`)), text: t(`group.${group}`) }));
  for (const { mark } of items) mark.setAttribute("d", "M0 4H28"), mark.setAttribute("stroke-width", 3);
  return framed([...picture.children].map(frozen), {
    width: level.width, height: level.height, items, note: t("picture.map_note"),
    title: `${core.meta.name.slice(0, 80)}: ${t(`level.${level.label}`, { n: properOf(level) })}`,
  });
}

function confidenceKey() {
  return h("p", { class: "key" }, t("map.confidence"), [0.3, 0.6, 0.8, 0.95].map((share) =>
    h("span", { class: `sure ${sureness(share)}` }, t(`sureness.${sureness(share)}`))));
}

// The rows are those of the picture: as many places, between the same contexts.
function tieTable(off, show, focus) {
  const every = core.needs
    .map(([a, b, kinds, relation, certain]) => ({ a, b, kinds: show.has("certain") ? certain : kinds, relation }))
    .map((row) => ({ ...row, weight: countKinds(row.kinds) }))
    .filter((row) => !focus || contextName(row.a) === focus || contextName(row.b) === focus)
    .filter((row) => Object.keys(row.kinds).some((kind) => !off.has(groupOf(kind))));
  const proper = (n) => core.contexts.kind[n] === "context";
  const rows = every.filter((row) => show.has("shared") || (proper(row.a) && proper(row.b)));
  const names = core.contexts.name;
  const hidden = every.length - rows.length;
  const notes = [show.has("certain") ? t("certain.note") : "", hidden ? t("map.hidden", { n: hidden }) : ""].filter(Boolean);
  return h("div", {}, notes.length ? h("p", { class: "note" }, notes.join(" ")) : null, dataTable({
    label: t("map.table"), rows, sort: "-weight", empty: t("map.no_crossings"),
    columns: [
      { key: "from", label: t("col.needs"), value: (r) => names[r.a], cell: (r) => contextLink(r.a) },
      { key: "to", label: t("col.needed"), value: (r) => names[r.b], cell: (r) => contextLink(r.b) },
      { key: "weight", label: t("col.places"), num: true, value: (r) => r.weight, cell: (r) =>
        h("a", { href: evidenceAddress("crossings", names[r.a], names[r.b]) }, r.weight.toLocaleString("en")) },
      { key: "kinds", label: t("col.kinds"), wide: "22rem", cell: (r) => kindList(r.kinds) },
      { key: "relation", label: t("col.relation"), wide: "15rem", value: (r) => r.relation, cell: (r) => t(`relation.${r.relation}.name`) },
    ],
  }));
}

function lineTable(lines, level) {
  return dataTable({
    label: t("map.table"), rows: lines, sort: "-weight",
    columns: [
      { key: "from", label: t("col.needs"), value: (r) => level.name[r.a], cell: (r) => name(level.name[r.a]) },
      { key: "to", label: t("col.needed"), value: (r) => level.name[r.b], cell: (r) => name(level.name[r.b]) },
      { key: "weight", label: t("col.places"), num: true, value: (r) => r.weight, cell: (r) => r.weight.toLocaleString("en") },
    ],
  });
}

export function groupOf(kind) {
  return { read: "data", write: "data", foreign_key: "data", transaction: "transaction", signal: "message", task: "message" }[kind] ?? "code";
}

export function kindList(kinds) {
  return h("span", { class: "kinds" }, Object.entries(kinds).map(([kind, count]) =>
    h("span", { class: `chip ${groupOf(kind)}` }, `${t(`kind.${kind}`)} ${count.toLocaleString("en")}`)));
}
