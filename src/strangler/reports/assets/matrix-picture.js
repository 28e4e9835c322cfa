// The matrix as a picture for slides: the whole of it, with as many names as have room.

import { svg } from "./dom.js";
import { ending, tone } from "./matrix-draw.js";
import { directed, labels } from "./matrix-model.js";
import { FONT, framed } from "./pictures.js";
import { core } from "./store.js";
import { t } from "./text.js";

const SIDE = 900;
const ROOM = 180;

export function matrixPicture({ rows, roots, cells, layer, groups }, colour) {
  const n = rows.length || 1;
  const size = Math.min(40, SIDE / n);
  const side = n * size;
  const at = (i) => Math.round((ROOM + i * size) * 100) / 100;
  const square = (r, c, high, looks) => svg("rect", { x: at(c), y: at(r), width: high, height: high, ...looks });
  const marks = [...cells.values].map(([key, value]) => {
    const [r, c] = [Math.floor(key / n), key % n];
    const { fill, alpha } = tone({ rows, cells, layer, size }, colour, r, c, value);
    return square(r, c, Math.max(size - (size > 5 ? 1 : 0), 0.8), { fill, "fill-opacity": alpha.toFixed(2) });
  });
  const numbers = size < 22 ? [] : [...cells.values].filter(([key]) => Math.floor(key / n) !== key % n).map(([key, value]) =>
    caption(at(key % n) + size / 2, at(Math.floor(key / n)) + size / 2 + 4, 11, colour.ink, "middle", Math.round(value).toLocaleString("en")));
  const names = labels(roots, size, 12).map((span) => {
    const middle = at((span.first + span.last) / 2);
    return [
      caption(ROOM - 8, middle + 4, 12, colour.ink, "end", ending(span.label, 26)),
      svg("g", { transform: `translate(${middle + 4} ${ROOM - 8}) rotate(-90)` }, caption(0, 0, 12, colour.ink, "start", ending(span.label, 26))),
    ];
  });
  const ground = directed(layer) ? svg("path", { d: `M${ROOM} ${ROOM}V${ROOM + side}H${ROOM + side}Z`, fill: colour.tint }) : [];
  const frames = groups.map(({ start, end }) => square(start, start, (end - start) * size, { fill: "none", stroke: colour.soft }));
  const mark = (fill, looks = {}) => svg("rect", { width: 12, height: 12, x: 8, y: -3, fill, ...looks });
  const items = directed(layer)
    ? [{ mark: mark(colour[layer]), text: t("matrix.uses") }, { mark: mark(colour.mutual), text: t("matrix.both") },
      { mark: mark(colour.tint, { stroke: colour.soft }), text: t("matrix.below") }]
    : [{ mark: mark(colour[layer]), text: t("matrix.together") }];
  return framed([svg("rect", { x: ROOM, y: ROOM, width: side, height: side, fill: colour.panel, stroke: colour.line }), ground, marks, numbers, frames, names], {
    width: Math.max(640, ROOM + side + 24), height: ROOM + side + 20, items, note: t("picture.matrix_note"),
    title: `${core.meta.name.slice(0, 80)}: ${t(`layer.${layer}.meaning`)}`,
  });
}

function caption(x, y, size, fill, anchor, text) {
  return svg("text", { x, y, "font-family": FONT, "font-size": size, fill, "text-anchor": anchor }, text);
}
