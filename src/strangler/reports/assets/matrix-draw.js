// The picture of the matrix on a canvas: only what is in sight is drawn.

import { clip } from "./view-map.js";

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

// view: {rows, cells, layer, size, left, top, x, y, width, height, cursor}
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
  if (view.size >= SMALLEST_LABELLED) drawLabels(pen, view, colour);
}

function at(view, r, c) {
  return [view.left + c * view.size - view.x, view.top + r * view.size - view.y];
}

function drawGround(pen, view, colour) {
  const n = view.rows.length;
  const [x, y] = at(view, 0, 0);
  const side = n * view.size;
  pen.fillStyle = colour.tint;
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(x, y + side);
  pen.lineTo(x + side, y + side);
  pen.fill();
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

function drawCells(pen, view, colour) {
  const { values, n, largest } = view.cells;
  const size = Math.max(view.size, view.rows.length > 800 ? 1.4 : 1);
  const inner = view.size >= 6 ? view.size - 1 : size;
  const scale = 1 / Math.log(2 + largest);
  pen.font = `${Math.min(11, view.size * 0.42)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const [key, value] of values) {
    const r = Math.floor(key / n);
    const c = key % n;
    const [x, y] = at(view, r, c);
    if (x + size < view.left || y + size < view.top || x > view.width || y > view.height) continue;
    const both = r !== c && values.has(c * n + r) && (view.layer === "code" || view.layer === "data" || view.layer === "message");
    pen.globalAlpha = r === c ? 0.25 : Math.max(view.size < 3 ? 0.75 : 0.3, Math.log(1 + value) * scale);
    pen.fillStyle = r === c ? colour.soft : both ? colour.mutual : colour[view.layer];
    pen.fillRect(x, y, inner, inner);
    const strong = pen.globalAlpha > 0.72;
    pen.globalAlpha = 1;
    if (both && view.size >= 9) corner(pen, x, y, inner, colour);
    if (view.size >= 22 && r !== c) number(pen, x + inner / 2, y + inner / 2, value, strong ? colour.paper : colour.ink);
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

function number(pen, x, y, value, colour) {
  pen.fillStyle = colour;
  pen.fillText(value >= 1000 ? `${Math.round(value / 1000)}k` : String(Math.round(value)), x, y);
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
  const letters = Math.floor((view.left - 22) / 6.3);
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const first = Math.max(0, Math.floor(view.y / view.size));
  const last = Math.min(view.rows.length, Math.ceil((view.y + view.height) / view.size));
  for (let r = first; r < last; r++) {
    const [, y] = at(view, r, 0);
    if (y + view.size / 2 < view.top) continue;
    pen.fillStyle = view.cursor?.[0] === r ? colour.accent : colour.ink;
    pen.textAlign = "right";
    pen.fillText((view.rows[r].leaf ? "" : "▸ ") + ending(view.rows[r].label, letters), view.left - 8, y + view.size / 2);
  }
  const start = Math.max(0, Math.floor(view.x / view.size));
  const end = Math.min(view.rows.length, Math.ceil((view.x + view.width) / view.size));
  pen.textAlign = "left";
  for (let c = start; c < end; c++) {
    const [x] = at(view, 0, c);
    if (x + view.size / 2 < view.left) continue;
    pen.save();
    pen.translate(x + view.size / 2, view.top - 8);
    pen.rotate(-Math.PI / 2);
    pen.fillStyle = view.cursor?.[1] === c ? colour.accent : colour.soft;
    pen.fillText(ending(view.rows[c].label, Math.floor((view.top - 14) / 6.3)), 0, 0);
    pen.restore();
  }
}

// Of a long dotted name the end tells more than the beginning.
function ending(label, most) {
  const text = label.slice(-400);
  if (text.length <= most) return text;
  return text.includes(".") ? `…${text.slice(-(most - 1))}` : clip(text, most);
}
