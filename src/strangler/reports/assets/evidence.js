// Where statements come from: places in the code and commits, gathered from the blocks.

import { block, contextName, core, fileOf } from "./store.js";
import { t } from "./text.js";

// The crossings from one context to another, each with its places.
export async function crossingsBetween(source, target) {
  const { crossings: { from, to, kind, subject, count, shown: listed }, file, line, symbol, words, files } = await block("evidence");
  const found = [];
  let start = 0; // the places of a crossing follow those of the one before
  from.forEach((a, n) => {
    const end = start + listed[n];
    if (a === source && to[n] === target) {
      const items = [];
      for (let i = start; i < end; i++) items.push({ file: files[file[i]], line: line[i], symbol: words[symbol[i]] });
      found.push({ kind: kind[n], subject: subject[n], count: count[n], items });
    }
    start = end;
  });
  return found;
}

export async function importsBetween(isSource, isTarget) {
  const code = await block("code");
  const items = [];
  for (let i = 0; i < code.from.length; i++) {
    if (!isSource(code.from[i]) || !isTarget(code.to[i])) continue;
    const kind = code.kinds[code.kind[i]];
    const note = kind === "runtime" ? "" : t(`import.${kind}`);
    items.push({ file: fileOf(code.from[i]), line: code.line[i], symbol: core.modules.name[code.to[i]], note });
  }
  return items;
}

export async function accessesOf(isModule, isTable) {
  const data = await block("data");
  const items = [];
  for (let i = 0; i < data.module.length; i++) {
    if (!isModule(data.module[i]) || !isTable(data.table[i])) continue;
    items.push({
      file: fileOf(data.module[i]),
      line: data.line[i],
      symbol: data.words[data.function[i]],
      note: t(data.write[i] ? "access.write" : "access.read", {
        table: core.tables.name[data.table[i]],
        via: data.words[data.via[i]],
        certainty: data.words[data.certainty[i]],
      }),
      write: data.write[i],
      module: data.module[i],
      table: data.table[i],
    });
  }
  return items;
}

export async function transactionsWith(isTable) {
  const data = await block("data");
  return data.transactions
    .filter(([, , , written]) => written.some(isTable))
    .map(([module, line, symbol, written]) => ({
      file: fileOf(module),
      module,
      line,
      symbol: data.words[symbol],
      note: t("transaction.writes", { tables: written.filter((n) => n >= 0).map((n) => core.tables.name[n]).join(", ") }),
      written,
    }));
}

export function foreignKeys(isSource, isTarget) {
  const tables = core.tables;
  return tables.keys
    .filter(([from, to]) => isSource(from) && isTarget(to))
    .map(([from, to, column, deleted, target]) => ({
      file: core.files[tables.file[from]],
      line: tables.line[from],
      symbol: `${tables.name[from]}.${column} → ${target}`,
      note: deleted ? t("key.deleted", { rule: deleted }) : "",
      from, to, column, deleted,
    }));
}

export async function messagesBetween(isSource, isTarget) {
  const entries = core.entries;
  const receivers = new Map();
  entries.kind.forEach((kind, i) => {
    if (kind !== "task" && kind !== "signal") return;
    const key = `${kind} ${entries.name[i]}`;
    receivers.set(key, [...(receivers.get(key) ?? []), i]);
  });
  const items = [];
  for (const [kind, label, module, line, symbol] of entries.messages) {
    if (!isSource(module)) continue;
    const heard = (receivers.get(`${kind} ${label}`) ?? []).filter((i) => isTarget(entries.module[i]));
    if (heard.length) items.push({ file: fileOf(module), line, symbol, note: t(`message.${kind}`, { name: label }) });
  }
  return items;
}

// Commits that touch both sets of modules, the latest first.
export async function commitsTouching(isFirst, isSecond) {
  const { sha, time, subject, touched } = await block("history");
  const found = [];
  for (let i = sha.length - 1; i >= 0; i--) {
    const first = touched[i].filter(isFirst);
    const second = first.length ? touched[i].filter(isSecond) : [];
    if (second.length && (first.length > 1 || second.length > 1 || first[0] !== second[0])) {
      found.push({ sha: sha[i], date: day(time[i]), subject: subject[i], modules: [...new Set([...first, ...second])] });
    }
  }
  return found;
}

export function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

export function inContext(context) {
  const home = core.modules.context;
  return (module) => home[module] === context;
}

export function ownedBy(context) {
  const owner = core.tables.owner;
  return (table) => owner[table] === context;
}

export function relationText(source, target) {
  const need = core.needs.find(([a, b]) => a === source && b === target);
  return need ? t(`relation.${need[3]}`, { source: contextName(source), target: contextName(target) }) : "";
}
