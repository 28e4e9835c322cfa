// Design structure matrix: every dependency at once, in an order in which cycles stand out.

import { checkbox, filter, select, toggled } from "./controls.js";
import { h, say } from "./dom.js";
import { openEvidence, setFilter } from "./router.js";
import { core, rowKeys } from "./store.js";
import { dataTable } from "./table.js";
import { percent, t } from "./text.js";
import { LAYERS, cells, cohesion, directed, edges, labels, opened, summary, visibleRows } from "./matrix-model.js";
import { matrixPicture } from "./matrix-picture.js";
import { pictureButtons } from "./pictures.js";
import { SMALLEST_LABELLED, colours, drawMatrix } from "./matrix-draw.js";

const LARGEST = 40;
const CLOSEST = 60;
const STEP = 1.7;
// Names are shown without control characters, so this one cannot be part of any.
const BETWEEN = "\u001f";

export function matrixView() {
  const state = { view: null, zoom: 1, found: null };
  const parts = {
    canvas: h("canvas", { tabindex: 0, role: "application", "aria-label": t("matrix.canvas"), "aria-describedby": "matrix-help" }),
    sheet: h("div", { class: "sheet" }),
    box: h("div", { class: "matrix" }),
    frame: h("div"),
    lead: h("p", { class: "lead" }),
    key: h("p", { class: "key" }),
    facts: h("p", { class: "note wide", role: "status" }),
    hover: h("p", { class: "hover", "data-rest": t("matrix.rest") }),
    open: h("div", { class: "chips" }),
    list: h("div"),
  };
  parts.sheet.append(parts.canvas);
  parts.box.append(parts.sheet);
  parts.frame.append(parts.box);
  const redo = () => rebuild(state, parts);
  parts.certain = h("span", {}, checkbox("show", "certain", t("map.certain"), redo, false));
  const levels = ["contexts", "packages", "modules"].map((level) => [level === "contexts" ? "" : level, t(`matrix.${level}`)]);
  const layers = LAYERS.map((layer) => [layer === "code" ? "" : layer, t(`layer.${layer}`)]);
  const zoom = (factor) => () => closer(state, parts, factor);
  listen(state, parts, redo);
  requestAnimationFrame(redo);
  return [
    h("h1", {}, t("matrix.title")),
    parts.lead,
    h("div", { class: "controls" },
      select("layer", t("matrix.layer"), layers, redo),
      select("level", t("matrix.level"), levels, () => (setFilter("open", ""), redo())),
      h("div", { class: "control" }, h("span", {}, t("matrix.zoom")), h("div", { class: "tools" },
        h("button", { type: "button", "aria-label": t("matrix.closer"), onclick: zoom(STEP) }, "+"),
        h("button", { type: "button", "aria-label": t("matrix.farther"), onclick: zoom(1 / STEP) }, "−"),
        h("button", { type: "button", onclick: () => closer(state, parts, 0) }, t("matrix.whole")))),
      h("fieldset", {}, checkbox("show", "business", t("matrix.business"), redo, false),
        parts.certain)),
    parts.open, parts.facts, parts.key, parts.hover, parts.frame,
    pictureButtons("matrix", () => matrixPicture(state.view, (state.colours ??= colours(parts.box)))),
    h("p", { class: "note", id: "matrix-help" }, t("matrix.help")),
    h("h2", {}, t("matrix.list")),
    parts.list,
  ];
}

function legend(layer) {
  const item = (className, text) => h("span", {}, h("i", { class: `cell ${className}` }), text);
  const own = item(`inside`, t("matrix.cohesion"));
  if (!directed(layer)) return [item(layer, t("matrix.together")), own];
  return [item(layer, t("matrix.uses")), item("mutual", t("matrix.mutual")), item("below", t("matrix.below")), own];
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
  const { rows, roots } = visibleRows(open, toggled("show").has("business"));
  state.found = await edges(layer, toggled("show").has("certain"));
  if (!parts.box.isConnected) return;
  const found = cells(rows, state.found);
  const groups = roots.filter((root) => root.last - root.first > 1).map(({ first, last }) => ({ start: first, end: last }));
  state.view = { rows, roots, cells: found, layer, groups, cursor: null };
  parts.lead.textContent = t(directed(layer) ? "matrix.lead" : "matrix.lead_even");
  parts.key.replaceChildren(...legend(layer));
  parts.certain.hidden = layer !== "data"; // the other layers hold no inferred places
  const facts = summary(found);
  parts.facts.textContent = t(`layer.${layer}.meaning`) + " " + t(
    directed(layer) ? "matrix.facts" : "matrix.facts_even",
    { rows: rows.length, pairs: facts.pairs, mutual: facts.mutual, against: facts.against })
    + (layer === "data" && toggled("show").has("certain") ? " " + t("certain.note") : "");
  parts.open.replaceChildren(...openKeys().map((label) =>
    h("button", { type: "button", class: "chip", "aria-label": t("matrix.close", { name: label }), onclick: () => toggle(label, state, parts) }, label, " ✕")));
  parts.list.replaceChildren(cellTable(state.view));
  resize(state, parts);
}

function toggle(key, state, parts) {
  const open = new Set(openKeys());
  if (!open.delete(key)) open.add(key);
  setFilter("open", [...open].join(BETWEEN));
  rebuild(state, parts);
}

// At first the whole is in sight; closer, the box scrolls.
function resize(state, parts) {
  const { view } = state;
  if (!view) return;
  const n = view.rows.length || 1;
  view.outer = parts.frame.clientWidth;
  const narrow = view.outer < 560;
  view.left = narrow ? 96 : 210;
  view.top = narrow ? 80 : 130;
  const wide = view.outer - view.left - 4;
  const above = parts.frame.getBoundingClientRect().top + window.scrollY;
  const high = Math.max(260, window.innerHeight - above - view.top - 20);
  view.fit = Math.min(LARGEST, wide / n, high / n);
  state.zoom = Math.min(Math.max(1, CLOSEST / view.fit), Math.max(1, state.zoom));
  view.size = view.fit * state.zoom;
  view.labels = labels(view.roots, view.size, SMALLEST_LABELLED);
  const side = n * view.size;
  parts.box.style.width = `${Math.min(view.outer, side + view.left + 4)}px`;
  parts.box.style.height = `${Math.min(side, high) + view.top + 4}px`;
  parts.sheet.style.width = `${side + view.left}px`;
  parts.sheet.style.height = `${side + view.top}px`;
  view.width = parts.box.clientWidth;
  view.height = parts.box.clientHeight;
  paint(state, parts);
}

// ``factor`` 0 shows the whole again; else what was in the middle stays there.
function closer(state, parts, factor) {
  const { view } = state;
  if (!view) return;
  const { box } = parts;
  const [x, y] = [(view.width - view.left) / 2, (view.height - view.top) / 2];
  const middle = [(box.scrollLeft + x) / view.size, (box.scrollTop + y) / view.size];
  state.zoom *= factor;
  resize(state, parts);
  [box.scrollLeft, box.scrollTop] = [middle[0] * view.size - x, middle[1] * view.size - y];
}

// Fill the box with the rows of one name.
function closeUp(state, parts, span) {
  const { view } = state;
  const room = Math.min(view.width - view.left, view.height - view.top);
  state.zoom = room / (span.last - span.first) / view.fit;
  resize(state, parts);
  parts.box.scrollTop = parts.box.scrollLeft = span.first * view.size;
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
  new ResizeObserver(() => state.view && parts.frame.clientWidth !== state.view.outer && resize(state, parts)).observe(parts.frame);
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
    else openLabel(view.labels.find(({ first, last }) => Math.max(r, c) >= first && Math.max(r, c) < last), state, parts);
  });
  canvas.addEventListener("keydown", (event) => keys(event, state, parts));
}

function openRow(row, state, parts) {
  if (row.leaf) openEvidence("module", row.label);
  else toggle(row.key, state, parts);
}

function openLabel(span, state, parts) {
  if (!span) return;
  const row = state.view.rows[span.first];
  if (row.node === span.node) openRow(row, state, parts);
  else closeUp(state, parts, span);
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
  if (r === c) {
    const share = cohesion(view.cells, r);
    return share === null ? t("matrix.untouched", { a }) : t("matrix.inside", { a, n: value, share: percent(share) });
  }
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
    closer(state, parts, event.key === "+" ? STEP : 1 / STEP);
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
