// Workshop: move, merge, split, rename and mark until the cut is the one that the team wants, and take it along.

import { h, name, say } from "./dom.js";
import { evidenceAddress } from "./router.js";
import { core } from "./store.js";
import { dataTable } from "./table.js";
import { percent, shown, t } from "./text.js";
import { comparison } from "./workshop-compare.js";
import { openExport } from "./workshop-export.js";
import { betweenContexts, created, edited, held, merged, moved, nameTaken, nearest } from "./workshop-model.js";
import { begin, currentCut, loadWork, redo, startCut, take, undo, work } from "./workshop-state.js";

const FIGURES = ["contexts", "crossings", "ties", "shared", "mutual", "within"];
const drawnCards = new WeakMap();
const desk = { chosen: new Set(), open: new Set(), editing: -1, sought: "" };

export function workshopView() {
  const parts = { bar: h("div", { class: "bench-bar" }), board: h("div", { class: "board" }), picked: h("div", { class: "picked", role: "region", "aria-label": t("workshop.picked") }), changes: h("div") };
  const root = h("div", { onkeydown: (event) => shortcuts(event, parts) });
  loadWork().then(() => {
    parts.beside = comparison();
    root.replaceChildren(parts.bar, controls(parts), parts.board, parts.picked,
      h("h2", {}, t("workshop.changes")), h("p", { class: "note" }, t("workshop.changes.note")), parts.changes,
      h("h2", {}, t("compare.title")), h("p", { class: "note" }, t("compare.note")), parts.beside.element);
    drawAll(parts);
    if (work.restored) say(t("workshop.restored"));
  });
  return [h("h1", {}, t("workshop.title")), h("p", { class: "lead" }, t("workshop.lead")), root];
}

function controls(parts) {
  const from = h("select", { onchange: () => (begin(Number(from.value)), clear(), drawAll(parts)) },
    work.cuts.map((cut, n) => h("option", { value: n }, t(`level.${cut.label}`, { n: cut.kind.filter((kind) => kind === "context").length }))));
  from.value = String(work.base);
  let timer = 0;
  const seek = h("input", { type: "search", value: desk.sought, oninput: () => {
    clearTimeout(timer);
    timer = setTimeout(() => ((desk.sought = seek.value.trim().toLowerCase()), drawBoard(parts)), 120);
  } });
  return h("div", { class: "controls" },
    h("label", { class: "control" }, h("span", {}, t("workshop.from")), from),
    h("label", { class: "control" }, h("span", {}, t("workshop.seek")), seek),
    h("div", { class: "tools" },
      h("button", { type: "button", onclick: () => addContext(parts) }, t("workshop.new"))));
}

function clear() {
  desk.chosen.clear();
  desk.editing = -1;
}

function shortcuts(event, parts) {
  if (event.key === "m" && event.target.closest(".pick") && desk.chosen.size) {
    event.preventDefault();
    parts.picked.querySelector("select").focus();
    return;
  }
  if (event.target.closest("input, textarea, select") || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
  clear();
  drawAll(parts);
  say(told());
}

// Do one step and show what came of it.
function act(parts, cut, focus = -1) {
  clear();
  take(cut);
  drawAll(parts);
  say(told());
  const card = parts.board.querySelector(`[data-n="${focus}"] h2`);
  if (card) card.focus({ preventScroll: false });
}

function told() {
  return FIGURES.map((key) => `${t(`workshop.${key}`)}: ${value(key, work.now)}`).join(", ");
}

function value(key, figures) {
  return key === "within" ? percent(figures.within) : shown(figures[key]);
}

function drawAll(parts) {
  drawBar(parts);
  drawBoard(parts);
  drawPicked(parts);
  drawChanges(parts);
  parts.beside.draw();
}

// -- the figures ----------------------------------------------------------------------------------

function drawBar(parts) {
  const button = (key, enabled, press) =>
    h("button", { type: "button", disabled: !enabled, onclick: () => (press(), clear(), drawAll(parts), say(told())) }, t(`workshop.${key}`));
  parts.bar.replaceChildren(
    h("dl", { class: "tiles" }, FIGURES.map((key) => h("div", {}, h("dt", {}, t(`workshop.${key}`)), tile(key)))),
    h("div", { class: "tools" },
      work.kept ? null : h("span", { class: "note" }, t("workshop.not_kept")),
      button("undo", work.at > 0, undo), button("redo", work.at < work.steps.length - 1, redo),
      h("button", { type: "button", class: "main", onclick: openExport }, t("workshop.export"))));
}

function tile(key) {
  const [before, now] = [value(key, work.before), value(key, work.now)];
  const delta = (work.now[key] ?? 0) - (work.before[key] ?? 0);
  if (before === now) return h("dd", {}, now);
  const better = key === "contexts" ? null : key === "within" ? delta > 0 : delta < 0;
  const word = better === null ? "" : better ? "better" : "worse";
  return h("dd", {}, h("s", {}, before), " → ", h("b", { class: word }, now, word ? ` ${better ? "✓" : "✗"}` : "", word ? h("span", { class: "visually-hidden" }, t(`workshop.${word}`)) : null));
}

// -- the board ------------------------------------------------------------------------------------

// A card that says the same as before is not made again.
function drawBoard(parts) {
  const before = drawnCards.get(parts.board) ?? new Map();
  const after = new Map();
  for (const entry of sorted()) {
    const key = JSON.stringify([entry, work.now.around[entry.n], work.base, desk.editing === entry.n, desk.sought]);
    after.set(key, before.get(key) ?? card(entry, parts));
  }
  drawnCards.set(parts.board, after);
  arrange(parts.board, [...after.values()]);
  marks(parts);
}

// A card that stays where it is is not laid out again.
function arrange(board, cards) {
  const wanted = new Set(cards);
  for (const old of [...board.children]) if (!wanted.has(old)) old.remove();
  let next = board.firstElementChild;
  for (const card of cards) {
    if (card === next) next = next.nextElementSibling;
    else board.insertBefore(card, next);
  }
}

// The contexts with what they hold: services first, each kind by size.
function sorted() {
  const cut = currentCut();
  const inside = new Map(held(cut).map((context) => [context.n, { ...context, modules: [], tables: [] }]));
  cut.place.forEach((n, atom) => n >= 0 && inside.get(n)[atom < work.tools.modules ? "modules" : "tables"].push(atom));
  const rank = (entry) => work.kinds.indexOf(entry.kind);
  return [...inside.values()].sort((a, b) => rank(a) - rank(b) || b.modules.length - a.modules.length || a.n - b.n);
}

function card(entry, parts) {
  const places = work.now.around[entry.n] ?? 0;
  const before = entry.n < work.cuts[work.base].name.length ? work.before.around[entry.n] : 0;
  const tied = places === before ? t("workshop.tied", { n: places }) : t("workshop.tied_before", { n: places, before });
  const editing = desk.editing === entry.n;
  const box = h("section", { class: `bench-card ${entry.kind}`, "data-n": entry.n, "aria-labelledby": `bench-${entry.n}` },
    h("header", {},
      h("h2", { id: `bench-${entry.n}`, tabindex: -1 }, name(entry.name)),
      entry.kind === "context" ? null : h("span", { class: "chip" }, t(`context.${entry.kind}`)),
      h("button", { type: "button", "aria-expanded": String(editing), "aria-label": t("workshop.edit_of", { name: entry.name }), onclick: () => {
        desk.editing = editing ? -1 : entry.n;
        drawBoard(parts);
        parts.board.querySelector(editing ? `[data-n="${entry.n}"] header button` : `[data-n="${entry.n}"] .edit input`)?.focus();
      } }, t("workshop.edit"))),
    h("p", { class: "note" }, t("workshop.holds", { modules: t("count.modules", { n: entry.modules.length }), tables: t("count.tables", { n: entry.tables.length }) }), " ", tied),
    editing ? editor(entry, parts) : null,
    h("ul", { class: "groups" }, groups(entry).map((group) => groupItem(group, entry, parts))));
  box.addEventListener("dragover", (event) => (event.preventDefault(), box.classList.add("over")));
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (desk.chosen.size) moveTo(entry.n, parts);
  });
  return box;
}

function editor(entry, parts) {
  const cut = currentCut();
  const label = h("input", { value: entry.name, maxlength: 200 });
  const kind = h("select", {}, work.kinds.map((one) => h("option", { value: one }, t(`context.${one}`))));
  kind.value = entry.kind;
  const notes = h("textarea", { rows: 2, maxlength: 1000 });
  notes.value = entry.notes;
  const into = h("select", {}, h("option", { value: "" }, t("workshop.merge_none")),
    sorted().filter((other) => other.n !== entry.n).map((other) => h("option", { value: other.n }, other.name)));
  const fault = h("p", { class: "warn", role: "alert" });
  const field = (key, control) => h("label", { class: "control" }, h("span", {}, t(`workshop.${key}`)), control);
  return h("form", { class: "edit", onsubmit: (event) => {
    event.preventDefault();
    const wanted = label.value.trim().replace(/\s+/g, " ");
    if (!wanted || nameTaken(cut, entry.n, wanted)) {
      fault.textContent = t(wanted ? "workshop.name_taken" : "workshop.name_empty", { name: wanted });
      label.focus();
      return;
    }
    const changed = edited(cut, entry.n, { name: wanted, kind: kind.value, notes: notes.value.trim() });
    if (into.value === "") act(parts, changed, entry.n);
    else act(parts, merged(changed, entry.n, Number(into.value)), Number(into.value));
  } },
    field("name", label), field("kind", kind), field("notes", notes), field("merge", into), fault,
    h("div", { class: "tools" }, h("button", { type: "submit" }, t("workshop.apply")),
      h("button", { type: "button", onclick: () => pick([...entry.modules, ...entry.tables], parts) }, t("workshop.pick_all"))));
}

// The modules of a context by package, and its tables.
function groups(entry) {
  const matches = (atom) => !desk.sought || work.tools.name(atom).toLowerCase().includes(desk.sought);
  const found = new Map();
  for (const module of entry.modules.filter(matches)) {
    const key = packageOf(module);
    found.set(key, [...(found.get(key) ?? []), module]);
  }
  const packages = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, atoms]) => ({ key, label: key, atoms }));
  const tables = entry.tables.filter(matches);
  return tables.length ? [...packages, { key: "tables", label: t("workshop.tables"), atoms: tables, tables: true }] : packages;
}

let packages = null;

function packageOf(module) {
  const names = core.modules.name;
  packages ??= new Set(names.map((label) => label.replace(/\.?[^.]*$/, "")));
  return packages.has(names[module]) ? names[module] : names[module].replace(/\.?[^.]*$/, "") || names[module];
}

function groupItem(group, entry, parts) {
  if (group.atoms.length === 1 && !group.tables) return atomItem(group.atoms[0], parts);
  const key = `${entry.n} ${group.key}`;
  const open = desk.open.has(key) || desk.sought !== "";
  const every = group.atoms.every((atom) => desk.chosen.has(atom));
  const label = group.tables ? t("workshop.tables") : group.label;
  const row = h("div", { class: "row", draggable: "true" },
    h("button", { type: "button", class: "fold", "aria-expanded": String(open), "aria-label": t("workshop.open", { name: label }), onclick: () => {
      if (!desk.open.delete(key)) desk.open.add(key);
      const again = groupItem(group, entry, parts);
      item.replaceWith(again);
      again.querySelector(".fold").focus();
    } }, open ? "▾" : "▸"),
    pickButton(group.atoms, every, [label, " ", h("span", { class: "count" }, String(group.atoms.length))], parts));
  drag(row, group.atoms, parts);
  const item = h("li", {}, row, open ? h("ul", {}, group.atoms.map((atom) => atomItem(atom, parts))) : null);
  return item;
}

function atomItem(atom, parts) {
  const row = h("div", { class: "row", draggable: "true" },
    pickButton([atom], desk.chosen.has(atom), [work.tools.name(atom)], parts));
  drag(row, [atom], parts);
  return h("li", {}, row);
}

function pickButton(atoms, on, label, parts) {
  return h("button", { type: "button", class: "pick code", "aria-pressed": String(on), "data-atoms": atoms.join(" "), onclick: () => pick(atoms, parts) },
    h("bdi", {}, label));
}

function drag(row, atoms, parts) {
  row.addEventListener("dragstart", (event) => {
    if (!atoms.every((atom) => desk.chosen.has(atom))) {
      desk.chosen = new Set(atoms);
      marks(parts);
    }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", atoms.map(work.tools.name).join("\n"));
  });
}

// Choose what is not chosen yet; if all of it is, let it go.
function pick(atoms, parts) {
  const all = atoms.every((atom) => desk.chosen.has(atom));
  for (const atom of atoms) {
    if (all) desk.chosen.delete(atom);
    else desk.chosen.add(atom);
  }
  marks(parts);
  drawPicked(parts);
}

function marks(parts) {
  for (const button of parts.board.querySelectorAll(".pick")) {
    const pressed = String(desk.chosen.size > 0 && button.dataset.atoms.split(" ").every((atom) => desk.chosen.has(Number(atom))));
    if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
  }
}

// -- what is chosen -------------------------------------------------------------------------------

function drawPicked(parts) {
  parts.picked.hidden = !desk.chosen.size;
  if (!desk.chosen.size) return;
  const cut = currentCut();
  const near = nearest(cut, desk.chosen, work.tools);
  const here = new Set([...desk.chosen].map((atom) => cut.place[atom]));
  const targets = held(cut).sort((a, b) => (near.get(b.n) ?? 0) - (near.get(a.n) ?? 0) || a.n - b.n);
  const describe = (context) => {
    const stays = here.size === 1 && here.has(context.n);
    return t(stays ? "workshop.target_here" : "workshop.target", { name: context.name, places: t("count.places", { n: near.get(context.n) ?? 0 }) });
  };
  const box = h("select", {}, targets.map((context) => h("option", { value: context.n, disabled: here.size === 1 && here.has(context.n) }, describe(context))));
  box.value = String(targets.find((context) => !(here.size === 1 && here.has(context.n)))?.n ?? "");
  const first = work.tools.name([...desk.chosen][0]);
  const rest = desk.chosen.size - 1;
  parts.picked.replaceChildren(
    h("p", {}, h("b", {}, rest ? t("workshop.chosen", { name: first, n: rest }) : first)),
    h("label", { class: "control" }, h("span", {}, t("workshop.move")), box),
    h("div", { class: "tools" },
      h("button", { type: "button", class: "main", disabled: box.value === "", onclick: () => moveTo(Number(box.value), parts) }, t("workshop.move_now")),
      h("button", { type: "button", onclick: () => addContext(parts) }, t("workshop.split")),
      h("button", { type: "button", onclick: () => (clear(), marks(parts), drawPicked(parts)) }, t("workshop.clear"))));
}

function moveTo(target, parts) {
  act(parts, moved(currentCut(), desk.chosen, target, work.tools), target);
}

// A context of what is chosen.
function addContext(parts) {
  if (![...desk.chosen].some((atom) => atom < work.tools.modules)) {
    parts.picked.replaceChildren(h("p", {}, t("workshop.choose_first")));
    parts.picked.hidden = false;
    say(t("workshop.choose_first"));
    return;
  }
  const first = [...desk.chosen].find((atom) => atom < work.tools.modules);
  const label = packageOf(first).split(".").at(-1);
  const cut = created(currentCut(), label);
  const target = cut.contexts.length - 1;
  act(parts, moved(cut, desk.chosen, target, work.tools), target);
}

// -- what the steps change between the contexts -----------------------------------------------------

function drawChanges(parts) {
  const [before, now] = [betweenContexts(startCut(), work.tools), betweenContexts(currentCut(), work.tools)];
  const rows = [...new Set([...before.keys(), ...now.keys()])]
    .map((key) => ({ pair: JSON.parse(key), before: before.get(key) ?? 0, now: now.get(key) ?? 0 }))
    .filter((row) => row.before !== row.now);
  parts.changes.replaceChildren(dataTable({
    label: t("workshop.changes"), rows, sort: "-change", empty: t("workshop.unchanged"), name: "changes",
    columns: [
      { key: "from", label: t("col.needs"), value: (r) => r.pair[0], cell: (r) => name(r.pair[0]) },
      { key: "to", label: t("col.needed"), value: (r) => r.pair[1], cell: (r) => name(r.pair[1]) },
      { key: "before", label: t("workshop.before"), num: true, value: (r) => r.before, cell: (r) => shown(r.before) },
      { key: "now", label: t("workshop.after"), num: true, value: (r) => r.now, cell: (r) =>
        r.now ? h("a", { href: evidenceAddress("between", ...r.pair) }, shown(r.now)) : "0" },
      { key: "change", label: t("workshop.change"), num: true, value: (r) => Math.abs(r.now - r.before), cell: (r) => `${r.now > r.before ? "+" : "−"}${shown(Math.abs(r.now - r.before))}` },
    ],
  }));
}
