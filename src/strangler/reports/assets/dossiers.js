// What the drawer shows for each kind of evidence: a title, a few facts, and sections of places or commits.

import {
  accessesOf, commitsTouching, crossingsBetween, foreignKeys, importsBetween, inContext, messagesBetween,
  relationText, transactionsWith,
} from "./evidence.js";
import { block, contextName, core, fileOf, rowKeys } from "./store.js";
import { percent, t } from "./text.js";
import { currentCut, loadWork, work } from "./workshop-state.js";

export const dossiers = {
  crossings: (a, b) => crossings(core.contexts.name.indexOf(a), core.contexts.name.indexOf(b)),
  commits: (a, b) => commits(core.contexts.name.indexOf(a), core.contexts.name.indexOf(b)),
  table: (label) => table(core.tables.name.indexOf(label)),
  key: (label, column) => key(core.tables.name.indexOf(label), column),
  module: (label) => moduleDossier(core.modules.name.indexOf(label)),
  changes: (a, b) => changes(core.modules.name.indexOf(a), core.modules.name.indexOf(b)),
  entry: (position) => entry(Number(position)),
  cell: (layer, from, to) => cell(layer, from, to),
  between: (a, b) => between(a, b),
  place: (file, line) => place(file, Number(line)),
};

async function crossings(a, b) {
  if (a < 0 || b < 0) return null;
  const both = [];
  for (const [source, target] of [[a, b], [b, a]]) {
    for (const crossing of await crossingsBetween(source, target)) {
      const what = t(`kind.${crossing.kind}`) + (crossing.subject ? ` ${crossing.subject}` : "");
      both.push({
        title: `${contextName(source)} → ${contextName(target)}: ${what}`,
        count: crossing.count,
        items: crossing.items,
      });
    }
  }
  const together = await commitsTouching(inContext(a), inContext(b));
  return {
    title: `${contextName(a)} ⇄ ${contextName(b)}`,
    facts: relationFacts(a, b),
    sections: [...both, { title: t("drawer.commits"), count: together.length, commits: together }],
    empty: t("drawer.no_crossing"),
  };
}

// A partnership is told once, not from both ends.
function relationFacts(a, b) {
  const mutual = core.needs.some(([x, y, , relation]) => x === a && y === b && relation === "partnership");
  return [relationText(a, b), mutual ? "" : relationText(b, a)].filter(Boolean);
}

async function commits(a, b) {
  if (a < 0 || b < 0) return null;
  const together = await commitsTouching(inContext(a), inContext(b));
  return {
    title: t("drawer.commits_between", { a: contextName(a), b: contextName(b) }),
    facts: [t("drawer.of_commits", {
      n: together.length, a: contextName(a), all: core.together.commits[a],
      b: contextName(b), others: core.together.commits[b],
    })],
    sections: [{ title: t("drawer.commits"), count: together.length, commits: together }],
  };
}

async function table(position) {
  if (position < 0) return null;
  const { name, model, owner, file, line } = core.tables;
  const only = (other) => other === position;
  const accesses = await accessesOf(() => true, only);
  const group = (write) => {
    const contexts = [...new Set(accesses.filter((a) => Boolean(a.write) === write).map((a) => core.modules.context[a.module]))];
    contexts.sort((a, b) => (a === owner[position]) - (b === owner[position]) || a - b);
    return contexts.map((context) => {
      const items = accesses.filter((a) => Boolean(a.write) === write && core.modules.context[a.module] === context);
      return {
        title: t(write ? "table.writes_by" : "table.reads_by", { context: contextName(context) }),
        mark: write && context !== owner[position] ? t("table.foreign") : "",
        count: items.length,
        items,
      };
    });
  };
  const out = foreignKeys(only, () => true);
  const into = foreignKeys(() => true, only);
  const together = await transactionsWith(only);
  return {
    title: name[position],
    facts: [
      t("table.owner", { owner: contextName(owner[position]) }),
      model[position] ? t("table.model", { model: model[position] }) : t("table.no_model"),
    ],
    sections: [
      { title: t("table.defined"), items: [{ file: core.files[file[position]], line: line[position], symbol: model[position] ?? "" }] },
      ...group(true), ...group(false),
      { title: t("table.keys_out"), count: out.length, items: out },
      { title: t("table.keys_in"), count: into.length, items: into },
      { title: t("table.transactions"), count: together.length, items: together },
    ],
  };
}

// What breaks if a foreign key goes: its rule on deletion, and the code that goes over both tables.
async function key(position, column) {
  const found = foreignKeys((n) => n === position, () => true).find((one) => one.column === column);
  if (!found) return null;
  const accesses = await accessesOf(() => true, (n) => n === found.from || n === found.to);
  const functions = new Map();
  for (const one of accesses) {
    const place = `${one.file} ${one.symbol}`;
    functions.set(place, [...(functions.get(place) ?? []), one]);
  }
  const both = [...functions.values()].filter((uses) => new Set(uses.map((u) => u.table)).size > 1).flat();
  const together = (await transactionsWith((n) => n === found.from)).filter((one) => one.written.includes(found.to));
  return {
    title: found.symbol,
    facts: [
      t("key.owners", { from: contextName(core.tables.owner[found.from]), to: contextName(core.tables.owner[found.to]) }),
      found.deleted ? t("key.rule", { rule: found.deleted }) : t("key.no_rule"),
    ],
    sections: [
      { title: t("key.declared"), items: [found] },
      { title: t("key.functions"), count: both.length, items: both },
      { title: t("key.transactions"), count: together.length, items: together },
    ],
  };
}

async function moduleDossier(position) {
  if (position < 0) return null;
  const { name, lines, context, confidence, alternative, reasons, reason } = core.modules;
  const only = (other) => other === position;
  const history = await block("history");
  const pairs = [];
  history.a.forEach((a, i) => {
    const other = a === position ? history.b[i] : history.b[i] === position ? a : -1;
    if (other >= 0) pairs.push({ file: fileOf(other), line: 0, symbol: name[other], note: t("pair.support", { n: history.support[i] }) });
  });
  const facts = [t("module.place", { context: contextName(context[position]), lines: lines[position] })];
  if (confidence[position] >= 0) facts.push(t("module.confidence", { share: percent(confidence[position]) }));
  if (alternative[position] >= 0) facts.push(t("module.alternative", { context: contextName(alternative[position]) }));
  if (reasons[position].length) facts.push(t("module.reasons", { reasons: reasons[position].map((n) => reason[n]).join("; ") }));
  const imports = await importsBetween(only, () => true);
  const importers = await importsBetween(() => true, only);
  const accesses = await accessesOf(only, () => true);
  return {
    title: name[position],
    facts,
    sections: [
      { title: t("module.file"), items: [{ file: fileOf(position), line: 1, symbol: "" }] },
      { title: t("module.accesses"), count: accesses.length, items: accesses },
      { title: t("module.imports"), count: imports.length, items: imports },
      { title: t("module.importers"), count: importers.length, items: importers },
      { title: t("module.changes"), count: pairs.length, items: pairs },
    ],
  };
}

async function changes(a, b) {
  if (a < 0 || b < 0) return null;
  const { name } = core.modules;
  const together = await commitsTouching((n) => n === a, (n) => n === b);
  const imports = [...(await importsBetween((n) => n === a, (n) => n === b)), ...(await importsBetween((n) => n === b, (n) => n === a))];
  return {
    title: t("drawer.commits_between", { a: name[a], b: name[b] }),
    facts: imports.length ? [] : [t("drawer.hidden")],
    sections: [
      { title: t("drawer.commits"), count: together.length, commits: together },
      { title: t("module.imports"), count: imports.length, items: imports },
    ],
  };
}

async function entry(position) {
  const { kind, name, handler, module, line, reads, writes, context, reaches } = core.entries;
  if (!(position in kind)) return null;
  const tables = (list, write) => list.map((n) => ({
    file: core.files[core.tables.file[n]], line: core.tables.line[n], symbol: core.tables.name[n],
    note: t(write ? "entry.writes_of" : "entry.reads_of", { owner: contextName(core.tables.owner[n]) }),
  }));
  const file = module[position] >= 0 ? fileOf(module[position]) : "";
  const route = core.entries.files[position];
  return {
    title: name[position],
    facts: [
      t(`entry.${kind[position]}`),
      t("entry.handled", { handler: handler[position], context: contextName(context[position]) }),
      reaches[position].length ? t("entry.reaches", { contexts: reaches[position].map(contextName).join(", ") }) : t("entry.stays"),
    ],
    sections: [
      { title: t("entry.declared"), items: [{ file: route ?? file, line: line[position], symbol: handler[position] }] },
      { title: t("entry.writes"), count: writes[position].length, items: tables(writes[position], true) },
      { title: t("entry.reads"), count: reads[position].length, items: tables(reads[position], false) },
    ],
  };
}

// One line of the source, with what was not understood there.
async function place(file, line) {
  const { file: files, line: lines, message, words } = await block("diagnostics");
  const found = files.map((n, i) => (words[n] === file && lines[i] === line ? words[message[i]] : "")).filter(Boolean);
  return {
    title: `${file}:${line}`,
    facts: found.slice(0, 20),
    sections: [{ title: t("source.line"), items: [{ file, line, symbol: "", open: true }] }],
  };
}

// What one context of the workshop uses of another, as the cut stands there.
async function between(a, b) {
  await loadWork();
  const cut = currentCut();
  const inside = (label) => {
    const n = cut.contexts.findIndex((context) => context.name === label);
    return [(module) => cut.place[module] === n, (table) => cut.place[work.tools.modules + table] === n];
  };
  const [[isFrom, fromTables], [isTo, toTables]] = [inside(a), inside(b)];
  const found = {
    import: await importsBetween(isFrom, isTo),
    access: await accessesOf(isFrom, toTables),
    foreign_key: foreignKeys(fromTables, toTables),
    message: await messagesBetween(isFrom, isTo),
    transaction: (await transactionsWith(toTables)).filter((one) => isFrom(one.module)),
  };
  const sections = Object.entries(found).map(([kind, items]) => ({ title: t(`between.${kind}`), count: items.length, items }));
  return { title: `${a} → ${b}`, facts: [t("workshop.between")], sections };
}

async function cell(layer, from, to) {
  const { start, end, module } = core.tree;
  const rows = new Map(rowKeys().map((key, i) => [key, i]));
  if (!rows.has(from) || !rows.has(to)) return null;
  const inside = (key) => {
    const row = rows.get(key);
    const members = new Set(module.slice(start[row], end[row]));
    return (other) => members.has(other);
  };
  const [isFrom, isTo] = [inside(from), inside(to)];
  const homeIs = (test) => (table) => test(core.tables.home[table]);
  const sections = [];
  if (layer === "code") sections.push({ title: t("layer.code"), items: await importsBetween(isFrom, isTo) });
  if (layer === "data") {
    sections.push({ title: t("layer.data"), items: await accessesOf(isFrom, homeIs(isTo)) });
    sections.push({ title: t("kind.foreign_key"), items: foreignKeys(homeIs(isFrom), homeIs(isTo)) });
  }
  if (layer === "message") {
    sections.push({ title: t("layer.message"), items: await messagesBetween(isFrom, isTo) });
    const dynamic = (await importsBetween(isFrom, isTo)).filter((one) => one.note === t("import.dynamic"));
    sections.push({ title: t("cell.dynamic"), items: dynamic });
  }
  if (layer === "change" || layer === "hidden") {
    sections.push({ title: t("drawer.commits"), commits: await commitsTouching(isFrom, isTo) });
  }
  for (const section of sections) section.count = (section.items ?? section.commits).length;
  return { title: `${from} → ${to}`, facts: [t(`layer.${layer}.meaning`)], sections };
}

