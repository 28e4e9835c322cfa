// The picture of the matrix on a canvas: only what is in sight is drawn.

import { cohesion, directed } from "./matrix-model.js";
import { clip } from "./map-draw.js";

export const SMALLEST_LABELLED = 11;

export function colours(element) {
  const probe = document.createElement("span");
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["ink", "soft", "line", "paper", "panel", "accent", "mutual", "code", "data", "message", "change", "tint"];
  const found = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  found.hidden = found.change;
  return found;
}

// view: {rows, cells, layer, labels, size, left, top, x, y, width, height, cursor}
export function drawMatrix(canvas, view, colour) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = view.width * scale;
  canvas.height = view.height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = colour.panel;
  pen.fillRect(0, 0, view.width, view.height);
  pen.save();
  pen.beginPath();
  pen.rect(view.left, view.top, view.width - view.left, view.height - view.top);
  pen.clip();
  drawGround(pen, view, colour);
  drawCells(pen, view, colour);
  drawGroups(pen, view, colour);
  if (view.cursor) drawCursor(pen, view, colour);
  pen.restore();
  drawLabels(pen, view, colour);
}

function at(view, r, c) {
  return [view.left + c * view.size - view.x, view.top + r * view.size - view.y];
}

function drawGround(pen, view, colour) {
  const n = view.rows.length;
  const [x, y] = at(view, 0, 0);
  const side = n * view.size;
  if (directed(view.layer)) {
    pen.fillStyle = colour.tint;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x, y + side);
    pen.lineTo(x + side, y + side);
    pen.fill();
  }
  if (view.size < 6) return;
  pen.strokeStyle = colour.line;
  pen.lineWidth = 0.5;
  pen.beginPath();
  for (let i = 0; i <= n; i++) {
    pen.moveTo(x + i * view.size, y);
    pen.lineTo(x + i * view.size, y + side);
    pen.moveTo(x, y + i * view.size);
    pen.lineTo(x + side, y + i * view.size);
  }
  pen.stroke();
}

// How a mark looks: darker for more, another colour where both need each other.
export function tone({ rows, cells, layer, size }, colour, r, c, value) {
  if (r === c) return { fill: colour.soft, alpha: rows[r].leaf ? 0.1 : 0.1 + 0.5 * cohesion(cells, r), both: false };
  const both = cells.values.has(c * cells.n + r) && directed(layer);
  const alpha = Math.max(size < 3 ? 0.75 : 0.3, Math.min(1, Math.log(1 + value) / Math.log(2 + cells.largest)));
  return { fill: both ? colour.mutual : colour[layer], alpha, both };
}

function drawCells(pen, view, colour) {
  const { values, n } = view.cells;
  const size = Math.max(view.size, view.rows.length > 800 ? 1.4 : 1);
  const inner = view.size >= 6 ? view.size - 1 : size;
  pen.font = `${Math.min(11, view.size * 0.42)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const [key, value] of values) {
    const r = Math.floor(key / n);
    const c = key % n;
    const [x, y] = at(view, r, c);
    if (x + size < view.left || y + size < view.top || x > view.width || y > view.height) continue;
    const { fill, alpha, both } = tone(view, colour, r, c, value);
    pen.globalAlpha = alpha;
    pen.fillStyle = fill;
    pen.fillRect(x, y, inner, inner);
    const strong = pen.globalAlpha > 0.72;
    pen.globalAlpha = 1;
    if (both && view.size >= 9) corner(pen, x, y, inner, colour);
    if (view.size < 22) continue;
    if (r !== c) number(pen, x + inner / 2, y + inner / 2, value, strong ? colour.paper : colour.ink);
    else if (!view.rows[r].leaf) number(pen, x + inner / 2, y + inner / 2, 100 * cohesion(view.cells, r), colour.ink, "%");
  }
  pen.globalAlpha = 1;
}

function corner(pen, x, y, size, colour) {
  pen.fillStyle = colour.ink;
  pen.beginPath();
  pen.moveTo(x + size, y);
  pen.lineTo(x + size, y + size * 0.35);
  pen.lineTo(x + size * 0.65, y);
  pen.fill();
}

function number(pen, x, y, value, colour, unit = "") {
  pen.fillStyle = colour;
  pen.fillText((value >= 1000 ? `${Math.round(value / 1000)}k` : String(Math.round(value))) + unit, x, y);
}

function drawGroups(pen, view, colour) {
  pen.strokeStyle = colour.soft;
  pen.lineWidth = 1;
  for (const { start, end } of view.groups) {
    const [x, y] = at(view, start, start);
    pen.strokeRect(x, y, (end - start) * view.size, (end - start) * view.size);
  }
}

function drawCursor(pen, view, colour) {
  const [r, c] = view.cursor;
  const [x, y] = at(view, r, c);
  pen.fillStyle = colour.accent;
  pen.globalAlpha = 0.12;
  const thick = Math.max(1, view.size);
  pen.fillRect(view.left, y, view.width, thick);
  pen.fillRect(x, view.top, thick, view.height);
  pen.globalAlpha = 1;
  pen.strokeStyle = colour.ink;
  pen.lineWidth = 2;
  pen.strokeRect(x - 1, y - 1, Math.max(4, view.size) + 1, Math.max(4, view.size) + 1);
}

function drawLabels(pen, view, colour) {
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  for (const across of [false, true]) {
    const [edge, other] = across ? [view.left, view.top] : [view.top, view.left];
    const [offset, end] = across ? [view.x, view.width] : [view.y, view.height];
    const letters = Math.floor((other - 22) / 6.3);
    for (const span of view.labels) {
      // A name stands in the middle of the part of its rows that is in sight.
      const low = Math.max(edge, edge + span.first * view.size - offset);
      const high = Math.min(end, edge + span.last * view.size - offset);
      if (high - low < Math.min(8, (span.last - span.first) * view.size)) continue;
      const row = span.last - span.first === 1 ? view.rows[span.first] : null;
      const mark = row?.leaf ? "" : row && row.node === span.node ? "▸ " : "";
      label(pen, view, across, (low + high) / 2, (across ? "" : mark) + ending(span.label, letters), across ? colour.soft : colour.ink);
    }
    if (!view.cursor) continue;
    const n = view.cursor[across ? 1 : 0];
    const place = edge + (n + 0.5) * view.size - offset;
    pen.fillStyle = colour.panel;
    if (across) pen.fillRect(place - 8, 0, 16, other);
    else pen.fillRect(0, place - 8, other, 16);
    label(pen, view, across, place, ending(view.rows[n].label, letters), colour.accent);
  }
}

function label(pen, view, across, place, text, colour) {
  pen.fillStyle = colour;
  pen.textAlign = across ? "left" : "right";
  if (!across) return pen.fillText(text, view.left - 8, place);
  pen.save();
  pen.translate(place, view.top - 8);
  pen.rotate(-Math.PI / 2);
  pen.fillText(text, 0, 0);
  return pen.restore();
}

// Of a long dotted name the end tells more than the beginning.
export function ending(label, most) {
  const text = label.slice(-400);
  if (text.length <= most) return text;
  return text.includes(".") ? `…${text.slice(-(most - 1))}` : clip(text, most);
}
