// Two cuts side by side: their figures, and where the modules of each context of the one are in the other.

import { h, name } from "./dom.js";
import { dataTable } from "./table.js";
import { percent, shown, t } from "./text.js";
import { figuresOf, held, startFrom } from "./workshop-model.js";
import { currentCut, work } from "./workshop-state.js";

const COMPARED = ["contexts", "crossings", "ties", "shared", "mutual", "within"];

export function comparison() {
  const stage = h("div");
  const box = h("select", { onchange: () => draw() }, work.cuts.map((cut, n) =>
    h("option", { value: n }, t(`level.${cut.label}`, { n: cut.kind.filter((kind) => kind === "context").length }))));
  box.value = String(work.base);
  const known = new Map(); // cut of the analysis -> what is always the same of it
  const draw = () => {
    if (!known.has(box.value)) {
      const cut = startFrom(work.cuts[Number(box.value)], work.tools);
      known.set(box.value, { cut, figures: figuresOf(cut, work.tools) });
    }
    const other = known.get(box.value);
    stage.replaceChildren(...sideBySide(currentCut(), work.now, other.cut, other.figures));
  };
  return { draw, element: h("div", {}, h("div", { class: "controls" }, h("label", { class: "control" }, h("span", {}, t("compare.with")), box)), stage) };
}

function sideBySide(mine, a, other, b) {
  const value = (key, figures) => (key === "within" ? percent(figures.within) : shown(figures[key]));
  const figures = COMPARED.map((key) => ({ key, mine: value(key, a), other: value(key, b) }));
  return [
    dataTable({
      label: t("compare.figures"), rows: figures, name: "cutfigures",
      columns: [
        { key: "figure", label: t("compare.figure"), cell: (r) => t(`workshop.${r.key}`) },
        { key: "mine", label: t("compare.mine"), num: true, cell: (r) => r.mine },
        { key: "other", label: t("compare.other"), num: true, cell: (r) => r.other },
      ],
    }),
    dataTable({
      label: t("compare.places"), rows: placesIn(mine, other), sort: "-modules", name: "cutplaces",
      columns: [
        { key: "mine", label: t("compare.mine"), wide: "12rem", value: (r) => r.label, cell: (r) => name(r.label) },
        { key: "modules", label: t("col.modules"), num: true, value: (r) => r.modules, cell: (r) => shown(r.modules) },
        { key: "other", label: t("compare.there"), wide: "30rem", cell: (r) => r.there.map(([label, n], i) => [i ? ", " : "", name(label), ` ${shown(n)}`]) },
      ],
    }),
  ];
}

// Each context with the contexts of another cut that hold its modules, those with most first.
function placesIn(mine, other) {
  const found = new Map(held(mine).map((context) => [context.n, new Map()]));
  for (let module = 0; module < work.tools.modules; module++) {
    const there = found.get(mine.place[module]);
    if (there) there.set(other.place[module], (there.get(other.place[module]) ?? 0) + 1);
  }
  return held(mine).map((context) => {
    const there = [...found.get(context.n)].sort((x, y) => y[1] - x[1] || x[0] - y[0]);
    return {
      label: context.name, modules: there.reduce((total, [, n]) => total + n, 0),
      there: there.map(([n, count]) => [n < 0 ? t("no.context") : other.contexts[n].name, count]),
    };
  });
}
