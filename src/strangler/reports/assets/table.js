// Sortable tables; long ones draw only the rows in sight.

import { h } from "./dom.js";
import { route, setFilter } from "./router.js";
import { t } from "./text.js";

const ROW = 37;
const WHOLE = 150;

// columns: {key, label, cell(row) -> node or text, value(row) -> number or text, num, wide}
export function dataTable({ columns, rows, label, sort, empty, name = "sort" }) {
  if (!rows.length) return h("p", { class: "note" }, empty ?? t("table.empty"));
  const virtual = rows.length > WHOLE;
  const body = h("tbody");
  const head = h("tr");
  const table = h("table", { class: virtual ? "virtual" : null, "aria-rowcount": rows.length + 1 }, h("thead", {}, head), body);
  const box = h("div", { class: virtual ? "scroll tall" : "scroll", tabindex: 0, role: "region", "aria-label": label }, table);
  const order = { key: "", down: false };
  let sorted = rows;

  function arrange(wanted) {
    order.down = wanted.startsWith("-");
    order.key = wanted.replace("-", "");
    const column = columns.find((one) => one.key === order.key && one.value);
    if (column) sorted = sortBy(rows, column.value, order.down);
    head.replaceChildren(...columns.map(header));
    box.scrollTop = 0;
    draw();
  }

  function header(column) {
    const active = column.key === order.key;
    const cell = h("th", { scope: "col", class: column.num ? "num" : null });
    if (virtual) cell.style.width = `min(${column.wide ?? (column.num ? "7rem" : "14rem")}, 46vw)`;
    if (active) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    const again = active ? !order.down : Boolean(column.num);
    const press = () => {
      const wanted = (again ? "-" : "") + column.key;
      setFilter(name, wanted);
      arrange(wanted);
      head.querySelector("[aria-sort] button")?.focus();
    };
    cell.append(column.value ? h("button", { type: "button", class: "sort", onclick: press }, column.label) : column.label);
    return cell;
  }

  function draw() {
    if (!virtual) return body.replaceChildren(...sorted.map(line));
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 8);
    const count = Math.ceil((box.clientHeight || 700) / ROW) + 16;
    const shown = sorted.slice(first, first + count);
    const after = sorted.length - first - shown.length;
    return body.replaceChildren(space(first), ...shown.map((row, i) => line(row, first + i)), space(after));
  }

  function space(count) {
    const row = h("tr", { "aria-hidden": "true", class: "space" }, h("td", { colspan: columns.length }));
    row.style.height = `${count * ROW}px`;
    return row;
  }

  function line(row, index) {
    const cells = columns.map((column, i) =>
      h(i ? "td" : "th", { class: column.num ? "num" : null, scope: i ? null : "row" }, column.cell(row)),
    );
    return h("tr", { "aria-rowindex": index + 2 }, cells);
  }

  let waiting = false;
  if (virtual) {
    box.addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => {
        waiting = false;
        draw();
      });
    });
  }
  arrange(route().filters.get(name) ?? sort ?? "");
  return box;
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
