// Sortable tables. A long one lies in a box of its own and draws more rows when its end comes into sight; on a
// narrow screen each row is a card whose cells carry the headings of their columns.

import { h } from "./dom.js";
import { route, setFilter } from "./router.js";
import { t } from "./text.js";

const BOXED = 25;
const ROWS = 60;

// columns: {key, label, cell(row) -> node or text, value(row) -> number or text, num, wide, head}
// ``wide`` is the share of the width in rem at rest; ``head`` stands in the heading instead of the label.
export function dataTable({ columns, rows, label, sort, empty, name = "sort", className = "" }) {
  if (!rows.length) return h("p", { class: "note" }, empty ?? t("table.empty"));
  const boxed = rows.length > BOXED;
  const body = h("tbody", { role: "rowgroup" });
  const head = h("tr", { role: "row" });
  const table = h("table", { role: "table", class: `${boxed ? "fixed" : ""} ${className}`, "aria-rowcount": rows.length + 1 },
    h("thead", { role: "rowgroup" }, head), body);
  const box = h("div", { class: boxed ? "scroll tall" : "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  const order = { key: "", down: false };
  const widths = columns.map((column) => parseFloat(column.wide ?? (column.num ? "6rem" : "13rem")));
  const all = widths.reduce((a, b) => a + b, 0);
  let sorted = rows;
  let drawn = 0;

  function arrange(wanted) {
    order.down = wanted.startsWith("-");
    order.key = wanted.replace("-", "");
    const column = columns.find((one) => one.key === order.key && one.value);
    if (column) sorted = sortBy(rows, column.value, order.down);
    head.replaceChildren(...columns.map(header));
    body.replaceChildren();
    drawn = 0;
    box.scrollTop = 0;
    extend();
  }

  function header(column, i) {
    const active = column.key === order.key;
    const cell = h("th", { role: "columnheader", scope: "col", class: column.num ? "num" : null });
    if (boxed) cell.style.width = `${(100 * widths[i]) / all}%`;
    if (active) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    const again = active ? !order.down : Boolean(column.num);
    const press = () => {
      const wanted = (again ? "-" : "") + column.key;
      setFilter(name, wanted);
      arrange(wanted);
      head.querySelector("[aria-sort] button")?.focus();
    };
    cell.append(column.head ?? (column.value ? h("button", { type: "button", class: "sort", onclick: press }, column.label) : column.label));
    return cell;
  }

  function extend() {
    const next = sorted.slice(drawn, drawn + ROWS);
    body.append(...next.map((row, i) => line(row, drawn + i)));
    drawn += next.length;
  }

  function line(row, index) {
    const cells = columns.map((column, i) => h(i ? "td" : "th",
      { role: i ? "cell" : "rowheader", class: column.num ? "num" : null, scope: i ? null : "row", "data-label": i ? column.label : null },
      column.cell(row)));
    return h("tr", { role: "row", "aria-rowindex": index + 2 }, cells);
  }

  if (boxed) {
    box.addEventListener("scroll", () => {
      if (drawn < sorted.length && box.scrollTop + box.clientHeight > box.scrollHeight - 600) extend();
    });
  }
  arrange(route().filters.get(name) ?? sort ?? "");
  return boxed ? h("div", {}, box, h("p", { class: "note" }, t("table.rows", { n: rows.length }))) : box;
}

function sortBy(rows, value, down) {
  const keyed = rows.map((row, i) => [value(row), i, row]);
  const sign = down ? -1 : 1;
  keyed.sort(([a, i], [b, j]) => {
    const order = typeof a === "number" && typeof b === "number" ? a - b : compare(String(a), String(b));
    return sign * order || i - j;
  });
  return keyed.map((entry) => entry[2]);
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
