// The data blocks: inflated once, when first asked for.

import { byId } from "./dom.js";

const inflated = new Map();
export const core = {};

export function block(id) {
  if (!inflated.has(id)) inflated.set(id, inflate(id));
  return inflated.get(id);
}

async function inflate(id) {
  const element = byId(`data-${id}`);
  const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  element.textContent = "";
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

export async function loadCore() {
  Object.assign(core, await block("core"));
}

export function contextName(position) {
  return position < 0 ? core.text["no.context"] : core.contexts.name[position];
}

export function modulesOf(context) {
  const found = [];
  core.modules.context.forEach((home, module) => home === context && found.push(module));
  return found;
}

export function fileOf(module) {
  return core.files[core.modules.file[module]] ?? "";
}

// A name for each row of the matrix that no other row has: a context, a module, or a package within a context.
export function rowKeys() {
  const { label, depth, start, module } = core.tree;
  let context = "";
  core.tree.key ??= label.map((text, i) => {
    if (depth[i] === 0) context = text;
    if (!text) return core.modules.name[module[start[i]]];
    return depth[i] === 0 ? text : `${context}: ${text}`;
  });
  return core.tree.key;
}

export function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}

export function countKinds(kinds) {
  return sum(Object.values(kinds));
}
