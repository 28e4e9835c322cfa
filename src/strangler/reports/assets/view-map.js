// Context map: who needs whom, and through what. Positions and curves come laid out.

import { checkbox, filter, slider, toggled } from "./controls.js";
import { h, name, scroller, svg } from "./dom.js";
import { contextLink } from "./links.js";
import { contextAddress, evidenceAddress, openEvidence, setFilter } from "./router.js";
import { core, sum } from "./store.js";
import { dataTable } from "./table.js";
import { percent, t } from "./text.js";

export const GROUPS = ["transaction", "data", "message", "code", "change"];
const CARD = 168;

export function mapView() {
  const labels = core.levels.map((level) => level.label);
  const recommended = labels.indexOf("recommended");
  const start = Math.min(Math.max(0, Number(filter("level", String(recommended + 1))) - 1 || 0), labels.length - 1);
  const stage = h("div");
  let chosen = start;
  const draw = () => stage.replaceChildren(...drawLevel(core.levels[chosen], draw));
  const pick = (n) => ((chosen = n), setFilter("level", n === recommended ? "" : n + 1), setFilter("lines", ""), draw());
  draw();
  return [
    h("h1", {}, t("map.title")),
    h("p", { class: "lead" }, t("map.lead")),
    h("div", { class: "controls" },
      labels.length > 1 ? levelSlider(labels, start, pick) : null,
      h("fieldset", {}, h("legend", {}, t("map.kinds")), GROUPS.map((group) => checkbox("off", group, [swatch(group), t(`group.${group}`)], draw)),
        checkbox("show", "shared", t("map.kernel"), draw, false))),
    stage,
  ];
}

function levelSlider(labels, start, pick) {
  const describe = (n) => t(`level.${labels[n]}`, { n: core.levels[n].kind.filter((kind) => kind === "context").length });
  const output = h("output", {}, describe(start));
  const box = h("input", { type: "range", min: 0, max: labels.length - 1, step: 1 });
  box.value = start;
  box.addEventListener("input", () => {
    output.textContent = describe(Number(box.value));
    pick(Number(box.value));
  });
  return h("label", { class: "control range" }, h("span", {}, t("map.level")), box, output);
}

export function swatch(group) {
  return svg("svg", { class: "swatch", viewBox: "0 0 28 8", "aria-hidden": "true" }, svg("path", { d: "M0 4H28", class: `line ${group}` }));
}

function drawLevel(level, redraw) {
  const off = toggled("off");
  const lines = linesOf(level, off, toggled("show").has("shared"));
  const initial = Math.min(lines.length, Math.max(6, Math.round(level.name.length * 1.1)));
  const most = Math.max(1, lines.length);
  const wanted = Math.min(Number(filter("lines", String(initial))), lines.length);
  const layer = svg("g", {}, lines.slice(0, wanted).map((line) => curve(line, level)));
  const describe = (n) => t("map.lines_of", { n, all: lines.length });
  const count = slider("lines", t("map.lines"), lines.length ? 1 : 0, most, initial, describe, (n) =>
    layer.replaceChildren(...lines.slice(0, n).map((line) => curve(line, level))));
  const picture = svg("svg", {
    class: "map", viewBox: `0 0 ${level.width} ${level.height}`, role: "group", "aria-label": t("map.title"),
  }, layer, svg("g", {}, level.cards.map((card) => cardOf(card, level, layer))));
  picture.style.minWidth = `${Math.min(level.width, 1100) * 0.72}px`;
  picture.style.maxWidth = `${level.width * 1.25}px`;
  return [
    h("div", { class: "controls" }, count),
    scroller(t("map.title"), picture),
    confidenceKey(),
    level.leftOut ? h("p", { class: "note" }, t("map.left_out", { n: level.leftOut })) : null,
    h("h2", {}, t("map.table")),
    level.label === "recommended" ? tieTable(off) : lineTable(lines, level),
  ].filter(Boolean);
}

// The lines of a level with what is left of them when some groups are off, the heaviest first.
function linesOf(level, off, shared) {
  return level.lines
    .filter(([a, b]) => shared || (level.kind[a] === "context" && level.kind[b] === "context"))
    .map(([a, b, there, back, commits, path]) => {
      const groups = { ...there };
      for (const [group, count] of Object.entries(back)) groups[group] = (groups[group] ?? 0) + count;
      if (commits) groups.change = commits;
      const kept = GROUPS.filter((group) => groups[group] && !off.has(group));
      const weight = sum(kept.map((group) => groups[group]));
      const ahead = kept.some((group) => there[group]);
      const behind = kept.some((group) => back[group]);
      return { a, b, there, back, groups, kept, weight, path, ahead, behind };
    })
    .filter((line) => line.weight)
    .sort((x, y) => y.weight - x.weight);
}

function confidenceKey() {
  return h("p", { class: "key" }, t("map.confidence"), [0.3, 0.6, 0.8, 0.95].map((share) =>
    h("span", { class: `sure ${sureness(share)}` }, t(`sureness.${sureness(share)}`))));
}

export function sureness(share) {
  return share < 0.5 ? "low" : share < 0.7 ? "fair" : share < 0.9 ? "good" : "high";
}

function curve(line, level) {
  const numbers = line.path.match(/-?[\d.]+/g).map(Number);
  const [x1, y1, c1, , c2, , x2, y2] = numbers;
  const hardest = line.kept[0];
  const width = Math.min(7, 1 + Math.log2(1 + line.weight) * 0.6);
  const heads = [];
  if (line.ahead) heads.push(arrow(x2, y2, c2 < x2 ? 1 : -1, width));
  if (line.behind) heads.push(arrow(x1, y1, c1 < x1 ? 1 : -1, width));
  const parts = line.kept.map((group) => `${t(`group.${group}`)} ${line.groups[group]}`).join(", ");
  const label = `${level.name[line.a]} ${line.ahead && line.behind ? "⇄" : line.ahead ? "→" : "–"} ${level.name[line.b]}: ${parts}`;
  const open = () => level.label === "recommended" && openEvidence("crossings", level.name[line.a], level.name[line.b]);
  const path = svg("path", { d: line.path, class: `line ${hardest}` });
  path.style.strokeWidth = width;
  return svg("g", { class: `pair ${hardest}`, "data-a": line.a, "data-b": line.b, onclick: open },
    svg("title", {}, label), svg("path", { d: line.path, class: "hit" }), path, heads);
}

function arrow(x, y, side, width) {
  const size = 5 + width;
  return svg("path", { class: "head", d: `M${x} ${y}l${-side * size} ${-size * 0.55}v${size * 1.1}z` });
}

function cardOf([position, x, y, height], level, layer) {
  const share = level.confidence[position];
  const focus = (on) => () => {
    layer.classList.toggle("focused", on);
    for (const pair of layer.children) {
      pair.classList.toggle("on", on && (pair.dataset.a === String(position) || pair.dataset.b === String(position)));
    }
  };
  const label = level.name[position];
  const facts = `${t("count.modules", { n: level.size[position] })} · ${t("count.tables", { n: level.tables[position] })}`;
  const kind = level.kind[position] === "context" ? t("map.sure", { share: percent(share) }) : t(`context.${level.kind[position]}`);
  const box = svg("g", { transform: `translate(${x} ${y})`, class: `card ${level.kind[position]} ${sureness(share)}` },
    svg("rect", { width: CARD, height, rx: 5, class: "box" }),
    svg("rect", { width: 6, height, rx: 2, class: "sure" }),
    svg("svg", { width: CARD - 6, height },
      svg("text", { x: 16, y: height / 2 - 8, class: "title" }, clip(label, 19)),
      svg("text", { x: 16, y: height / 2 + 8, class: "facts" }, facts),
      svg("text", { x: 16, y: height / 2 + 23, class: "facts" }, kind)),
    svg("title", {}, label.slice(0, 500)));
  const events = { onmouseenter: focus(true), onmouseleave: focus(false), onfocus: focus(true), onblur: focus(false) };
  if (level.label !== "recommended") return svg("g", events, box);
  return svg("a", { href: contextAddress(label), "aria-label": `${label.slice(0, 200)}: ${facts}`, ...events }, box);
}

export function clip(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function tieTable(off) {
  const rows = core.needs
    .map(([a, b, kinds, relation]) => ({ a, b, kinds, relation, weight: sum(Object.values(kinds)) }))
    .filter((row) => Object.keys(row.kinds).some((kind) => !off.has(groupOf(kind))));
  const names = core.contexts.name;
  return dataTable({
    label: t("map.table"), rows, sort: "-weight", empty: t("map.no_crossings"),
    columns: [
      { key: "from", label: t("col.needs"), value: (r) => names[r.a], cell: (r) => contextLink(r.a) },
      { key: "to", label: t("col.needed"), value: (r) => names[r.b], cell: (r) => contextLink(r.b) },
      { key: "weight", label: t("col.places"), num: true, value: (r) => r.weight, cell: (r) =>
        h("a", { href: evidenceAddress("crossings", names[r.a], names[r.b]) }, r.weight.toLocaleString("en")) },
      { key: "kinds", label: t("col.kinds"), wide: "22rem", cell: (r) => kindList(r.kinds) },
      { key: "relation", label: t("col.relation"), wide: "15rem", value: (r) => r.relation, cell: (r) => t(`relation.${r.relation}.name`) },
    ],
  });
}

// The map of the first view: names and the strongest lines, the context to take out first framed.
export function smallMap() {
  const level = core.levels.find((one) => one.label === "recommended");
  const proper = (n) => level.kind[n] === "context";
  if (!level?.cards.some(([n]) => proper(n))) return [];
  const best = core.meta.best < 0 ? "" : core.contexts.name[core.meta.best];
  const lines = linesOf(level, new Set(), false);
  const layer = svg("g", {}, lines.slice(0, Math.max(6, level.cards.length)).map((line) => curve(line, level)));
  const kept = level.cards.filter(([n]) => proper(n));
  const width = Math.max(...kept.map(([, x]) => x)) + CARD + 24;
  const cards = kept.map(([n, x, y, height]) =>
    svg("a", { href: contextAddress(level.name[n]), "aria-label": level.name[n].slice(0, 200) },
      svg("g", { transform: `translate(${x} ${y})`, class: `card ${sureness(level.confidence[n])} ${level.name[n] === best ? "best" : ""}` },
        svg("rect", { width: CARD, height, rx: 5, class: "box" }),
        svg("text", { x: 10, y: height / 2 + 8, class: "title" }, clip(level.name[n], 12)),
        svg("title", {}, level.name[n].slice(0, 500)))));
  return [
    svg("svg", { class: "overview", viewBox: `0 0 ${width} ${level.height}`, role: "group", "aria-label": t("map.title") }, layer, svg("g", {}, cards)),
    h("figcaption", {}, h("a", { href: "#/map" }, t("map.small"))),
  ];
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
