// The picture of a context map. Positions and curves come laid out; here they become lines with their numbers
// and cards.

import { h, svg } from "./dom.js";
import { contextAddress, evidenceAddress } from "./router.js";
import { core, sum } from "./store.js";
import { percent, t } from "./text.js";

export const GROUPS = ["transaction", "data", "message", "code", "change"];
export const CARD = 168;

export function clip(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const scale = document.createElement("canvas").getContext("2d");

// A title cut to the room that its card has; its weight and family are those of views.css.
function fitted(text, size, room) {
  scale.font = `600 ${size}px ${getComputedStyle(document.documentElement).getPropertyValue("--sans")}`;
  let most = Math.min(text.length, 60);
  while (most > 1 && scale.measureText(clip(text, most)).width > room) most -= 1;
  return clip(text, most);
}

// A name in one line, or in two where it breaks at a mark: what is left of it in the room that there is.
function inLines(name, size, room) {
  const broken = fitted(name, size, room) === name ? null : /^(.*?[-_./])(.+)$/.exec(name);
  return (broken ? broken.slice(1) : [name]).map((part) => fitted(part, size, room));
}

export function sureness(share) {
  return share < 0.5 ? "low" : share < 0.7 ? "fair" : share < 0.9 ? "good" : "high";
}

export function swatch(group) {
  return svg("svg", { class: "swatch", viewBox: "0 0 28 8", "aria-hidden": "true" }, svg("path", { d: "M0 4H28", class: `line ${group}` }));
}

// The lines of a level with what is left of them when some groups are off, the heaviest first: ``there`` places
// from a to b, ``back`` from b to a, ``together`` commits. ``shared``: those of code that is no service, too;
// ``certain``: by the places that are certain.
export function linesOf(level, off, { shared = false, certain = false } = {}) {
  const proper = (n) => shared || level.kind[n] === "context";
  return level.lines
    .filter(([a, b]) => proper(a) && proper(b))
    .map(([a, b, every, everyBack, commits, path, sure, sureBack]) => {
      const [there, back] = certain ? [sure, sureBack] : [every, everyBack];
      const groups = { ...there };
      for (const [group, count] of Object.entries(back)) groups[group] = (groups[group] ?? 0) + count;
      if (commits) groups.change = commits;
      const kept = GROUPS.filter((group) => groups[group] && !off.has(group));
      const places = (one) => sum(kept.map((group) => one[group] ?? 0));
      return { a, b, groups, kept, path, there: places(there), back: places(back), weight: places(groups) };
    })
    .filter((line) => line.weight)
    .sort((x, y) => y.weight - x.weight);
}

// Where numbers may stand: on no card and on no other number. A line tries places along its curve, the heaviest
// line first; a number for which there is no room is not drawn.
export function roomFor(cards) {
  const taken = cards.map(([, x, y, height]) => [x, y, x + CARD, y + height]);
  return (box) => {
    const free = !taken.some(([x1, y1, x2, y2]) => box[0] < x2 && x1 < box[2] && box[1] < y2 && y1 < box[3]);
    if (free) taken.push(box);
    return free;
  };
}

const ALONG = { there: [0.76, 0.7, 0.82, 0.64, 0.58, 0.87], middle: [0.5, 0.44, 0.56, 0.37, 0.63, 0.3, 0.7] };

// A line: its numbers stand near the end they lead to, the heavier way has the larger head.
export function curve(line, level, room) {
  const points = line.path.match(/-?[\d.]+/g).map(Number);
  const [x1, y1, c1, , c2, , x2, y2] = points;
  const [hardest] = line.kept;
  const width = Math.min(7, 1 + Math.log2(1 + line.weight) * 0.6);
  const head = (x, y, side, mine, other) => (mine ? arrow(x, y, side, mine >= other ? width + 2 : 1) : []);
  const both = line.there && line.back;
  const numbers = [
    line.there ? placesAt(points, both ? ALONG.there : ALONG.middle, line.there, room) : [],
    line.back ? placesAt(points, both ? ALONG.there.map((at) => 1 - at) : ALONG.middle, line.back, room) : [],
    line.there || line.back ? [] : placesAt(points, ALONG.middle, line.weight, room),
  ];
  const sign = both ? "⇄" : line.there ? "→" : line.back ? "←" : "–";
  const ways = both ? t("map.ways", { there: line.there, back: line.back }) : "";
  const parts = line.kept.map((group) => `${t(`group.${group}`)} ${line.groups[group].toLocaleString("en")}`).join(", ");
  const label = `${level.name[line.a].slice(0, 200)} ${sign} ${level.name[line.b].slice(0, 200)}: ${parts}${ways}`;
  const path = svg("path", { d: line.path, class: `line ${hardest}` });
  path.style.strokeWidth = width;
  const group = { class: `pair ${hardest}`, "data-a": line.a, "data-b": line.b };
  const drawn = [svg("title", {}, label), svg("path", { d: line.path, class: "hit" }), path,
    head(x2, y2, c2 < x2 ? 1 : -1, line.there, line.back), head(x1, y1, c1 < x1 ? 1 : -1, line.back, line.there), numbers];
  if (level.label !== "recommended") return svg("g", group, drawn);
  return svg("a", { ...group, href: evidenceAddress("crossings", level.name[line.a], level.name[line.b]), "aria-label": label }, drawn);
}

function placesAt([x1, y1, c1, d1, c2, d2, x2, y2], along, value, room) {
  const text = value.toLocaleString("en");
  const [wide, high] = [4 + text.length * 4.1, 8];
  for (const q of along) {
    const p = 1 - q;
    const mix = (a, b, c, d) => p ** 3 * a + 3 * p * p * q * b + 3 * p * q * q * c + q ** 3 * d;
    const [x, y] = [mix(x1, c1, c2, x2), mix(y1, d1, d2, y2)];
    if (room([x - wide, y - high, x + wide, y + high])) return svg("text", { x: x.toFixed(1), y: (y + 4).toFixed(1), class: "places" }, text);
  }
  return [];
}

function arrow(x, y, side, width) {
  const size = 5 + width;
  return svg("path", { class: "head", d: `M${x} ${y}l${-side * size} ${-size * 0.55}v${size * 1.1}z` });
}

export function cardOf([position, x, y, height], level, layer) {
  const share = level.confidence[position];
  const light = (on) => () => {
    layer.classList.toggle("focused", on);
    for (const pair of layer.children) {
      pair.classList.toggle("on", on && (pair.dataset.a === String(position) || pair.dataset.b === String(position)));
    }
  };
  const label = level.name[position];
  const sure = level.label === "packages" ? "" : t("map.sure", { share: percent(share) });
  const kind = level.standing[position] === "context" ? sure : t(`context.${level.standing[position]}`);
  const facts = [t("count.modules", { n: level.size[position] }), t("count.tables", { n: level.tables[position] }), kind];
  const box = svg("g", { transform: `translate(${x} ${y})`, class: `card ${level.kind[position]} ${sureness(share)}` },
    svg("rect", { width: CARD, height, rx: 5, class: "box" }),
    svg("rect", { width: 6, height, rx: 2, class: "sure" }),
    svg("svg", { width: CARD - 6, height },
      svg("text", { x: 16, y: height / 2 - 19, class: "title" }, fitted(label, 15.5, CARD - 28)),
      facts.map((fact, n) => svg("text", { x: 16, y: height / 2 - 1 + 17 * n, class: "facts" }, fact))),
    svg("title", {}, label.slice(0, 500)));
  const events = { onmouseenter: light(true), onmouseleave: light(false), onfocus: light(true), onblur: light(false) };
  if (level.label !== "recommended") return svg("g", events, box);
  return svg("a", { href: contextAddress(label), "aria-label": `${label.slice(0, 200)}: ${facts.filter(Boolean).join(", ")}`, ...events }, box);
}

const MOST_IN_SMALL = 14; // contexts whose names stay legible in the map of the first view
const NEIGHBOURS = 8;

// A picture of its own where the whole would be too small to read: a context between those that need it, on the
// left, and those that it needs; of two that need each other, the way of most places decides.
function neighbourhood(level, best, lines) {
  const ends = lines.filter((line) => line.a === best || line.b === best).slice(0, NEIGHBOURS).map((line) => {
    const [out, back] = line.a === best ? [line.there, line.back] : [line.back, line.there];
    return { n: line.a === best ? line.b : line.a, right: out >= back, line };
  });
  const sides = [ends.filter((end) => !end.right), ends.filter((end) => end.right)];
  const [high, step] = [64, 84];
  const height = 20 + step * Math.max(2, ...sides.map((side) => side.length));
  const card = (n, column, row, of) => [n, 20 + column * 300, (height - step * of) / 2 + step * row + (step - high) / 2, high];
  const centre = card(best, 1, 0, 1);
  const cards = [centre];
  const drawn = sides.flatMap((side, right) => side.map(({ n, line }, row) => {
    const other = card(n, right ? 2 : 0, row, side.length);
    cards.push(other);
    const [from, to] = right ? [centre, other] : [other, centre];
    const [x1, y1, x2, y2] = [from[1] + CARD, from[2] + high / 2, to[1], to[2] + high / 2];
    return { ...line, path: `M${x1} ${y1}C${x1 + 60} ${y1} ${x2 - 60} ${y2} ${x2} ${y2}` };
  }));
  return { cards, lines: drawn, height, note: t("map.near", { name: level.name[best].slice(0, 60), n: level.kind.filter((kind) => kind === "context").length }) };
}

// The map of the first view: names and the strongest lines, the context to take out first framed.
export function smallMap() {
  const level = core.levels.find((one) => one.label === "recommended");
  const proper = level?.cards.filter(([n]) => level.kind[n] === "context") ?? [];
  if (!proper.length) return [];
  const best = core.meta.best < 0 ? -1 : level.name.indexOf(core.contexts.name[core.meta.best]);
  const every = linesOf(level, new Set());
  const near = best >= 0 && proper.length > MOST_IN_SMALL;
  const { cards: kept, lines, height: high, note } = near ? neighbourhood(level, best, every)
    : { cards: proper, lines: every, height: level.height, note: t("map.small") };
  const layer = svg("g", { "aria-hidden": "true" },
    lines.slice(0, Math.max(6, kept.length)).map((line) => {
      const path = svg("path", { d: line.path, class: `line ${line.kept[0]}` });
      path.style.strokeWidth = Math.min(7, 1 + Math.log2(1 + line.weight) * 0.6);
      return svg("g", { class: `pair ${line.kept[0]}` }, path);
    }));
  const width = Math.max(...kept.map(([, x]) => x)) + CARD + 60;
  const cards = kept.map(([n, x, y, height]) =>
    svg("a", { href: contextAddress(level.name[n]), "aria-label": level.name[n].slice(0, 200) },
      svg("g", { transform: `translate(${x} ${y})`, class: `card ${sureness(level.confidence[n])} ${n === best ? "best" : ""}` },
        svg("rect", { width: CARD, height, rx: 5, class: "box" }),
        inLines(level.name[n], 20, CARD - 18).map((line, row, all) =>
          svg("text", { x: 10, y: height / 2 + 8 + 24 * (row - (all.length - 1) / 2), class: "title" }, line)),
        svg("title", {}, level.name[n].slice(0, 500)))));
  const picture = svg("svg", { class: `overview ${near ? "near" : ""}`, viewBox: `0 0 ${width} ${high}`, role: "group", "aria-label": t("map.title") }, layer, svg("g", {}, cards));
  picture.style.minWidth = `${width * 0.38}px`; // names stay legible; a small screen scrolls it
  return [
    h("div", { class: "scroll" }, picture),
    h("figcaption", {}, h("a", { href: "#/map" }, note)),
  ];
}
