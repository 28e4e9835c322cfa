// The numbers behind the matrix: visible rows, and the cells between them for one layer.

import { block, core, rowKeys } from "./store.js";

export const LAYERS = ["code", "data", "message", "change", "hidden"];
const EVEN = new Set(["change", "hidden"]);

// Whether a layer has a direction; changing together has none.
export function directed(layer) {
  return !EVEN.has(layer);
}

// Rows in sight: every row whose ancestors are all open and that is not open itself. ``roots`` is the same as a
// tree of spans of rows, {node, label, first, last, children}: the names that stand beside the picture.
// ``business``: of the contexts alone that are services, not of platform, operations and shared code.
export function visibleRows(open, business = false) {
  const proper = new Set(core.contexts.name.filter((_, n) => core.contexts.kind[n] === "context"));
  const { label, depth, start, end, module } = core.tree;
  const keys = rowKeys();
  const rows = [];
  const roots = [];
  const above = [];
  const close = (level) => {
    while (above.length && depth[above.at(-1).node] >= level) above.pop().last = rows.length;
  };
  for (let i = 0; i < label.length; ) {
    close(depth[i]);
    if (business && depth[i] === 0 && !proper.has(label[i])) {
      for (i += 1; i < label.length && depth[i] > 0; ) i += 1;
      continue;
    }
    const leaf = !label[i];
    const text = leaf ? core.modules.name[module[start[i]]] : label[i];
    const span = { node: i, label: text, first: rows.length, last: rows.length, children: [] };
    (above.at(-1)?.children ?? roots).push(span);
    above.push(span);
    const shut = leaf || !open.has(i);
    if (shut) rows.push({ node: i, key: keys[i], label: text, leaf, depth: depth[i], start: start[i], end: end[i] });
    i += 1;
    while (shut && i < label.length && depth[i] > depth[span.node]) i += 1;
  }
  close(0);
  return { rows, roots };
}

// The deepest names that have room at this size of a row, those of whole contexts before all.
export function labels(roots, size, smallest) {
  const found = [];
  const high = (span) => (span.last - span.first) * size;
  let lowest = -Infinity;
  const visit = (span) => {
    if (span.children.length && span.children.every((child) => high(child) >= smallest)) return span.children.forEach(visit);
    const middle = ((span.first + span.last) / 2) * size;
    if (middle - lowest < smallest) return;
    found.push(span);
    lowest = middle;
  };
  roots.forEach(visit);
  return found;
}

// All groups to open for a level: none for contexts, contexts for packages, every group for modules.
export function opened(level) {
  const { label, depth } = core.tree;
  const open = new Set();
  label.forEach((text, i) => {
    if (text && (level === "modules" || (level === "packages" && depth[i] === 0))) open.add(i);
  });
  return open;
}

export async function edges(layer, certain = false) {
  if (layer === "data") return dataEdges(certain);
  if (layer === "message") return messageEdges();
  const code = await block("code");
  if (layer === "code") return { from: code.from, to: code.to, weight: null };
  return changeEdges(layer === "hidden" ? code : null);
}

async function dataEdges(certain) {
  const data = await block("data");
  const sure = data.words.indexOf("certain");
  const home = core.tables.home;
  const from = [];
  const to = [];
  data.module.forEach((module, i) => {
    const target = certain && data.certainty[i] !== sure ? -1 : home[data.table[i]];
    if (module >= 0 && target >= 0) from.push(module), to.push(target);
  });
  for (const [source, target] of core.tables.keys) {
    if (home[source] >= 0 && home[target] >= 0) from.push(home[source]), to.push(home[target]);
  }
  return { from, to, weight: null };
}

async function messageEdges() {
  const { entries } = core;
  const heard = new Map();
  entries.kind.forEach((kind, i) => {
    const key = `${kind} ${entries.name[i]}`;
    if (kind === "task" || kind === "signal") heard.set(key, [...(heard.get(key) ?? []), entries.module[i]]);
  });
  const from = [];
  const to = [];
  for (const [kind, name, module] of entries.messages) {
    for (const target of heard.get(`${kind} ${name}`) ?? []) {
      if (module >= 0 && target >= 0) from.push(module), to.push(target);
    }
  }
  const code = await block("code");
  const dynamic = code.kinds.indexOf("dynamic");
  code.kind.forEach((kind, i) => kind === dynamic && (from.push(code.from[i]), to.push(code.to[i])));
  return { from, to, weight: null };
}

// With ``code``: only the pairs that no import joins.
async function changeEdges(code) {
  const history = await block("history");
  const size = core.modules.name.length;
  const joined = new Set();
  if (code) code.from.forEach((a, i) => joined.add(a * size + code.to[i]));
  const from = [];
  const to = [];
  const weight = [];
  history.a.forEach((a, i) => {
    const b = history.b[i];
    if (a < 0 || b < 0 || joined.has(a * size + b) || joined.has(b * size + a)) return;
    from.push(a, b);
    to.push(b, a);
    weight.push(history.support[i], history.support[i]);
  });
  return { from, to, weight };
}

// key row * n + column -> weight; the diagonal is what stays inside a row. ``touching`` is all that a row takes
// part in, so that what stays inside can be told as a share of it.
export function cells(rows, found) {
  const { module } = core.tree;
  const n = rows.length;
  const rowOf = new Int32Array(core.modules.name.length).fill(-1);
  rows.forEach((row, r) => {
    for (let leaf = row.start; leaf < row.end; leaf++) rowOf[module[leaf]] = r;
  });
  const values = new Map();
  const touching = new Float64Array(n);
  let largest = 0;
  for (let i = 0; i < found.from.length; i++) {
    const a = rowOf[found.from[i]];
    const b = rowOf[found.to[i]];
    if (a < 0 || b < 0) continue;
    const weight = found.weight ? found.weight[i] : 1;
    const key = a * n + b;
    const value = (values.get(key) ?? 0) + weight;
    values.set(key, value);
    touching[a] += weight;
    if (a !== b) touching[b] += weight;
    if (a !== b && value > largest) largest = value;
  }
  return { values, touching, largest, n };
}

// The share of all that touches a row and stays inside it; null where nothing touches it.
export function cohesion({ values, touching, n }, r) {
  return touching[r] ? (values.get(r * n + r) ?? 0) / touching[r] : null;
}

export function summary({ values, n }) {
  let pairs = 0;
  let mutual = 0;
  let against = 0;
  for (const key of values.keys()) {
    const a = Math.floor(key / n);
    const b = key % n;
    if (a === b) continue;
    pairs += 1;
    if (a > b) against += 1;
    if (a < b && values.has(b * n + a)) mutual += 1;
  }
  return { pairs, mutual, against };
}
