// Design structure matrix: every dependency at once, in an order in which cycles stand out.

import { filter, select } from "./controls.js";
import { h, say } from "./dom.js";
import { openEvidence, setFilter } from "./router.js";
import { core, rowKeys } from "./store.js";
import { dataTable } from "./table.js";
import { t } from "./text.js";
import { LAYERS, cells, edges, opened, summary, visibleRows } from "./matrix-model.js";
import { colours, drawMatrix } from "./matrix-draw.js";

const LARGEST = 40;
// Names are shown without control characters, so this one cannot be part of any.
const BETWEEN = "\u001f";

export function matrixView() {
  const state = { view: null, zoom: 1, found: null };
  const parts = {
    canvas: h("canvas", { tabindex: 0, role: "application", "aria-label": t("matrix.canvas"), "aria-describedby": "matrix-help" }),
    sheet: h("div", { class: "sheet" }),
    box: h("div", { class: "matrix" }),
    facts: h("p", { class: "note", role: "status" }),
    hover: h("p", { class: "hover" }),
    open: h("div", { class: "chips" }),
    list: h("div"),
  };
  parts.sheet.append(parts.canvas);
  parts.box.append(parts.sheet);
  const redo = () => rebuild(state, parts);
  const levels = ["contexts", "packages", "modules"].map((level) => [level === "contexts" ? "" : level, t(`matrix.${level}`)]);
  const layers = LAYERS.map((layer) => [layer === "code" ? "" : layer, t(`layer.${layer}`)]);
  const zoom = (factor) => () => ((state.zoom = Math.min(60, Math.max(1, state.zoom * factor))), resize(state, parts));
  listen(state, parts, redo);
  requestAnimationFrame(redo);
  return [
    h("h1", {}, t("matrix.title")),
    h("p", { class: "lead" }, t("matrix.lead")),
    h("div", { class: "controls" },
      select("layer", t("matrix.layer"), layers, redo),
      select("level", t("matrix.level"), levels, () => (setFilter("open", ""), redo())),
      h("div", { class: "control" }, h("span", {}, t("matrix.zoom")), h("div", { class: "tools" },
        h("button", { type: "button", "aria-label": t("matrix.closer"), onclick: zoom(1.5) }, "+"),
        h("button", { type: "button", "aria-label": t("matrix.farther"), onclick: zoom(1 / 1.5) }, "−")))),
    parts.open, parts.facts, parts.box, parts.hover, legend(),
    h("p", { class: "note", id: "matrix-help" }, t("matrix.help")),
    h("h2", {}, t("matrix.list")),
    parts.list,
  ];
}

function legend() {
  const item = (className, text) => h("span", {}, h("i", { class: `cell ${className}` }), text);
  return h("p", { class: "key" }, item("uses", t("matrix.uses")), item("mutual", t("matrix.mutual")), item("below", t("matrix.below")));
}

function openKeys() {
  return filter("open").split(BETWEEN).filter(Boolean);
}

function openNodes() {
  const open = opened(filter("level", "contexts"));
  const wanted = new Set(openKeys());
  rowKeys().forEach((key, i) => core.tree.label[i] && wanted.has(key) && open.add(i));
  return open;
}

async function rebuild(state, parts) {
  const layer = LAYERS.includes(filter("layer")) ? filter("layer") : "code";
  const open = openNodes();
  const rows = visibleRows(open);
  state.found = await edges(layer);
  if (!parts.box.isConnected) return;
  const found = cells(rows, state.found);
  state.view = { rows, cells: found, layer, groups: groupsOf(rows), cursor: null };
  const facts = summary(found);
  parts.facts.textContent = t(`layer.${layer}.meaning`) + " " + t(
    layer === "change" || layer === "hidden" ? "matrix.facts_even" : "matrix.facts",
    { rows: rows.length, pairs: facts.pairs, mutual: facts.mutual, against: facts.against });
  parts.open.replaceChildren(...openKeys().map((label) =>
    h("button", { type: "button", class: "chip", "aria-label": t("matrix.close", { name: label }), onclick: () => toggle(label, state, parts) }, label, " ✕")));
  parts.list.replaceChildren(cellTable(state.view));
  resize(state, parts);
}

// Rows of one opened context are framed together.
function groupsOf(rows) {
  const contexts = core.tree;
  const bounds = [];
  contexts.depth.forEach((depth, i) => depth === 0 && bounds.push([contexts.start[i], contexts.end[i]]));
  return bounds
    .map(([start, end]) => {
      const inside = rows.map((row, i) => (row.start >= start && row.end <= end ? i : -1)).filter((i) => i >= 0);
      return { start: inside[0] ?? 0, end: (inside.at(-1) ?? -1) + 1 };
    })
    .filter(({ start, end }) => end - start > 1);
}

function toggle(key, state, parts) {
  const open = new Set(openKeys());
  if (!open.delete(key)) open.add(key);
  setFilter("open", [...open].join(BETWEEN));
  rebuild(state, parts);
}

function resize(state, parts) {
  const { view } = state;
  if (!view) return;
  const n = view.rows.length || 1;
  view.width = parts.box.clientWidth;
  const narrow = view.width < 560;
  const room = narrow ? 96 : 210;
  const high = narrow ? 80 : 130;
  const fit = Math.min(LARGEST, (view.width - room) / n);
  view.size = Math.min(60, fit * state.zoom);
  view.left = view.size >= 11 ? room : 8;
  view.top = view.size >= 11 ? high : 8;
  if (view.size < 11) view.size = Math.min(10.9, Math.max(Math.min(LARGEST, (view.width - 16) / n) * state.zoom, 0.05));
  const side = n * view.size;
  view.height = Math.min(side + view.top + 2, Math.max(360, window.innerHeight * 0.78));
  parts.box.style.height = `${view.height + 2}px`;
  parts.sheet.style.width = `${side + view.left}px`;
  parts.sheet.style.height = `${side + view.top}px`;
  paint(state, parts);
}

function paint(state, parts) {
  const { view } = state;
  view.x = parts.box.scrollLeft;
  view.y = parts.box.scrollTop;
  parts.canvas.style.width = `${view.width}px`;
  parts.canvas.style.height = `${view.height}px`;
  state.colours ??= colours(parts.box);
  drawMatrix(parts.canvas, view, state.colours);
}

function cellAt(view, event) {
  const c = Math.floor((event.offsetX - view.left + view.x) / view.size);
  const r = Math.floor((event.offsetY - view.top + view.y) / view.size);
  const n = view.rows.length;
  return { r: r >= 0 && r < n && event.offsetY >= view.top ? r : -1, c: c >= 0 && c < n && event.offsetX >= view.left ? c : -1 };
}

function listen(state, parts, redo) {
  const { canvas, box } = parts;
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (state.view) paint(state, parts);
    });
  };
  box.addEventListener("scroll", later);
  new ResizeObserver(() => state.view && box.clientWidth !== state.view.width && resize(state, parts)).observe(box);
  document.addEventListener("strangler-theme", () => ((state.colours = null), redo()));
  canvas.addEventListener("mousemove", (event) => {
    if (!state.view) return;
    const { r, c } = cellAt(state.view, event);
    point(state, parts, r >= 0 && c >= 0 ? [r, c] : null);
    later();
  });
  canvas.addEventListener("mouseleave", () => state.view && (point(state, parts, null), later()));
  canvas.addEventListener("click", (event) => {
    const { view } = state;
    if (!view) return;
    const { r, c } = cellAt(view, event);
    if (r >= 0 && c >= 0) openCell(view, r, c);
    else if (Math.max(r, c) >= 0) openRow(view.rows[Math.max(r, c)], state, parts);
  });
  canvas.addEventListener("keydown", (event) => keys(event, state, parts));
}

function openRow(row, state, parts) {
  if (row.leaf) openEvidence("module", row.label);
  else toggle(row.key, state, parts);
}

function openCell(view, r, c) {
  if (view.cells.values.has(r * view.cells.n + c)) openEvidence("cell", view.layer, view.rows[r].key, view.rows[c].key);
}

function point(state, parts, cursor) {
  const { view } = state;
  view.cursor = cursor;
  parts.hover.textContent = cursor ? describe(view, ...cursor) : "";
}

function describe(view, r, c) {
  const value = view.cells.values.get(r * view.cells.n + c) ?? 0;
  const back = view.cells.values.get(c * view.cells.n + r) ?? 0;
  const [a, b] = [view.rows[r].label, view.rows[c].label];
  if (r === c) return t("matrix.inside", { a, n: value });
  return t(`matrix.cell_${view.layer}`, { a, b, n: value }) + (value && back ? " " + t("matrix.back", { n: back }) : "");
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function keys(event, state, parts) {
  const { view } = state;
  if (!view) return;
  const now = view.cursor ?? [0, 0];
  const n = view.rows.length;
  const clamp = (value) => Math.min(n - 1, Math.max(0, value));
  if (event.key in MOVES) {
    const [down, right] = MOVES[event.key];
    const next = view.cursor ? [clamp(now[0] + down), clamp(now[1] + right)] : [0, 0];
    point(state, parts, next);
    say(describe(view, ...next));
    reveal(view, parts, next);
  } else if (event.key === "Enter") openCell(view, ...now);
  else if (event.key === "o") openRow(view.rows[now[0]], state, parts);
  else if (event.key === "+" || event.key === "-") {
    state.zoom = Math.min(60, Math.max(1, state.zoom * (event.key === "+" ? 1.5 : 1 / 1.5)));
    resize(state, parts);
  } else return;
  event.preventDefault();
  paint(state, parts);
}

function reveal(view, { box }, [r, c]) {
  const [y, x] = [r * view.size, c * view.size];
  if (y < box.scrollTop) box.scrollTop = y;
  if (y + view.size > box.scrollTop + view.height - view.top) box.scrollTop = y + view.size - view.height + view.top;
  if (x < box.scrollLeft) box.scrollLeft = x;
  if (x + view.size > box.scrollLeft + view.width - view.left) box.scrollLeft = x + view.size - view.width + view.left;
}

function cellTable(view) {
  const { values, n } = view.cells;
  const rows = [];
  for (const [key, value] of values) {
    const r = Math.floor(key / n);
    const c = key % n;
    if (r !== c) rows.push({ a: view.rows[r].label, b: view.rows[c].label, value, back: values.get(c * n + r) ?? 0, r, c });
  }
  const open = (row) => h("button", { type: "button", class: "link", onclick: () => openCell(view, row.r, row.c) }, row.value.toLocaleString("en", { maximumFractionDigits: 1 }));
  return dataTable({
    label: t("matrix.list"), rows, sort: "-value", name: "cells",
    columns: [
      { key: "a", label: t("col.needs"), wide: "22rem", value: (row) => row.a, cell: (row) => h("bdi", {}, row.a) },
      { key: "b", label: t("col.needed"), wide: "22rem", value: (row) => row.b, cell: (row) => h("bdi", {}, row.b) },
      { key: "value", label: t("col.places"), num: true, value: (row) => row.value, cell: open },
      { key: "back", label: t("col.back"), num: true, value: (row) => row.back, cell: (row) => row.back.toLocaleString("en", { maximumFractionDigits: 1 }) },
    ],
  });
}
