// Teams: who owns the modules of each context, how many people change it, and which teams change together.

import { contextSelect, filter, select } from "./controls.js";
import { h } from "./dom.js";
import { contextLink } from "./links.js";
import { contextName, core, sum } from "./store.js";
import { dataTable } from "./table.js";
import { percent, t } from "./text.js";

const MOST_TEAM_COLUMNS = 16;
const TEAM_STEPS = [0.05, 0.25, 0.5, 0.9];

export function teamsView() {
  const { file, rows } = core.teams;
  const owned = rows.map(teamRow);
  const stage = h("div");
  const draw = () => stage.replaceChildren(...teamTables(owned.filter(wantedTeam)));
  draw();
  const modules = sum(owned.map((row) => row.modules));
  const lead = file
    ? h("p", { class: "lead" }, t("teams.lead", { file, n: modules - sum(owned.map((row) => row.unowned)), all: modules, several: owned.filter((row) => row.shares.length > 1).length }))
    : h("p", { class: "callout" }, t("teams.none"));
  const shown = [["", t("all")], ["several", t("teams.several")], ["unowned", t("teams.unowned")]];
  return [
    h("h1", {}, t("teams.title")), lead,
    h("div", { class: "controls" }, contextSelect(draw), file ? select("show", t("data.show"), shown, draw) : ""),
    stage,
  ];
}

function teamRow([context, shares, unowned, people, main]) {
  return { context, shares, unowned, people, main, modules: core.modules.context.filter((home) => home === context).length };
}

function wantedTeam(row) {
  const { context, show } = { context: filter("context"), show: filter("show") };
  const kind = !show || (show === "several" ? row.shares.length > 1 : row.unowned > 0);
  return kind && (!context || contextName(row.context) === context);
}

function teamTables(rows) {
  const { file, name: teams, couplings } = core.teams;
  const columns = file ? teamColumns(rows) : [];
  const main = (row) => (row.shares.length ? teams[row.shares[0][0]] : "");
  const tables = [
    h("h2", {}, t("teams.contexts")),
    h("p", { class: "note" }, file ? `${t("teams.contexts.note")} ` : "", t("teams.people.note")),
    columns.length ? teamKey() : "",
    dataTable({
      label: t("teams.contexts"), className: "heated", rows, sort: filter("sort") || (file ? "-teams" : "-people"),
      columns: [
        { key: "context", label: t("col.context"), wide: "12rem", value: (r) => contextName(r.context), cell: (r) => contextLink(r.context) },
        ...(columns.length ? [
          { key: "main", label: t("teams.first"), wide: "10rem", value: main, cell: (r) => h("bdi", { class: "name" }, main(r) || "–") },
          { key: "share", label: t("col.teams"), wide: "26rem", head: teamHead(columns), cell: (r) => teamCells(r, columns) },
          { key: "teams", label: t("col.teams"), num: true, wide: "5rem", value: (r) => r.shares.length, cell: (r) => (r.shares.length > 1 ? h("strong", { class: "warn" }, String(r.shares.length)) : String(r.shares.length)) },
          { key: "unowned", label: t("col.unowned"), num: true, wide: "6rem", value: (r) => r.unowned, cell: (r) => String(r.unowned) },
        ] : []),
        { key: "people", label: t("col.people"), num: true, wide: "5rem", value: (r) => r.people, cell: (r) => String(r.people) },
        { key: "main_share", label: t("col.main_share"), num: true, wide: "6rem", value: (r) => r.main ?? -1, cell: (r) => percent(r.main) },
      ],
    }),
  ];
  if (!file) return tables;
  return [...tables,
    h("h2", {}, t("teams.couplings")), h("p", { class: "note" }, t("teams.couplings.note")),
    dataTable({
      label: t("teams.couplings"), rows: couplings, sort: "-commits", name: "pairs", empty: t("teams.no_couplings"),
      columns: [
        { key: "a", label: t("teams.team"), value: ([a]) => teams[a], cell: ([a]) => h("bdi", { class: "name" }, teams[a]) },
        { key: "b", label: t("teams.team"), value: ([, b]) => teams[b], cell: ([, b]) => h("bdi", { class: "name" }, teams[b]) },
        { key: "commits", label: t("col.commits"), num: true, value: ([, , n]) => n, cell: ([, , n]) => n.toLocaleString("en") },
      ],
    }),
  ];
}

// The teams with most modules; the others share the last column.
function teamColumns(rows) {
  const owned = new Map();
  for (const { shares } of rows) for (const [team, modules] of shares) owned.set(team, (owned.get(team) ?? 0) + modules);
  const order = [...owned].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([team]) => team);
  const shown = order.slice(0, MOST_TEAM_COLUMNS).map((team) => [team]);
  return order.length > MOST_TEAM_COLUMNS ? [...shown, order.slice(MOST_TEAM_COLUMNS)] : shown;
}

function teamHeading(teams) {
  return teams.length === 1 ? core.teams.name[teams[0]] : t("heat.rest", { n: teams.length });
}

function teamHead(columns) {
  return h("div", { class: "heat wide head" }, columns.map((teams) =>
    h("span", { title: teamHeading(teams).slice(0, 200) }, h("bdi", {}, teamHeading(teams)))));
}

function teamCells(row, columns) {
  return h("div", { class: "heat wide" }, columns.map((teams) => {
    const found = row.shares.filter(([team]) => teams.includes(team));
    const modules = sum(found.map((share) => share[1]));
    if (!modules) return h("span");
    const commits = sum(found.map((share) => share[2]));
    const label = t("teams.share", { team: teamHeading(teams).slice(0, 200), modules: t("count.modules", { n: modules }), commits: t("count.commits", { n: commits }) });
    const shade = TEAM_STEPS.filter((least) => modules / row.modules >= least).length;
    const kind = teams.includes(row.shares[0][0]) ? "own" : "reads";
    return h("span", { class: `${kind} shade-${shade}`, role: "img", "aria-label": label, title: label, "data-words": label }, String(modules));
  }));
}

function teamKey() {
  const item = (kind, words) => h("span", {}, h("span", { class: "heat" }, h("span", { class: `${kind} shade-3` })), t(words));
  return h("p", { class: "key heat-key" }, item("own", "teams.key.first"), item("reads", "teams.key.other"));
}
