// Pictures for slides: a drawing that stands alone, with title and legend, as SVG or PNG.

import { h, svg } from "./dom.js";
import { download } from "./download.js";
import { core } from "./store.js";
import { t } from "./text.js";

const GEOMETRY = ["d", "x", "y", "width", "height", "rx", "transform"];
const LOOKS = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "paint-order",
];
const SHARP = 2;
const LARGEST_SIDE = 8000;
export const FONT = "system-ui, sans-serif";

// ``make`` returns the picture as it stands: an svg element whose looks are attributes.
export function pictureButtons(name, make) {
  const file = `${core.meta.name.replace(/[^\w.-]+/g, "-").slice(0, 60)}-${name}`;
  const asSvg = () => download(`${file}.svg`, "image/svg+xml", new XMLSerializer().serializeToString(make()));
  const asPng = () => png(make()).toBlob((content) => download(`${file}.png`, "image/png", content));
  return h("div", { class: "tools pictures" },
    h("button", { type: "button", onclick: asSvg }, t("picture.svg")),
    h("button", { type: "button", onclick: asPng }, t("picture.png")));
}

// A copy of what the page draws, with the looks that its style sheet gives it, and without what only the page needs.
export function frozen(node) {
  const copy = svg(node.localName === "a" ? "g" : node.localName, {});
  for (const name of GEOMETRY) if (node.hasAttribute(name)) copy.setAttribute(name, node.getAttribute(name));
  if (["path", "rect", "text"].includes(node.localName)) {
    const looks = getComputedStyle(node);
    for (const name of LOOKS) {
      const value = looks.getPropertyValue(name);
      if (value) copy.setAttribute(name, name === "stroke-width" || name === "font-size" ? value.replace("px", "") : value);
    }
  }
  if (node.localName === "text" || node.localName === "title") copy.textContent = node.textContent;
  else copy.append(...[...node.children].filter((child) => !child.classList.contains("hit")).map(frozen));
  return copy;
}

// A picture with a title above and a legend below; items: {mark: svg element 28 by 8, text}.
export function framed(content, { width, height, title, items, note }) {
  const { color: ink, backgroundColor: paper } = getComputedStyle(document.body);
  const text = (x, y, size, words) => svg("text", { x, y, "font-family": FONT, "font-size": size, fill: ink }, words);
  const rows = [];
  let [x, y] = [24, height + 62];
  for (const { mark, text: words } of items) {
    const wide = 46 + words.length * 7;
    if (x + wide > width && x > 24) [x, y] = [24, y + 22];
    rows.push(svg("g", { transform: `translate(${x} ${y - 8})` }, mark), text(x + 36, y, 13, words));
    x += wide;
  }
  if (note) rows.push(text(24, (y += 24), 12, note));
  const full = y + 20;
  return svg("svg", { width, height: full, viewBox: `0 0 ${width} ${full}` },
    svg("rect", { width, height: full, fill: paper }),
    text(24, 30, 18, title),
    svg("g", { transform: "translate(0 40)" }, content), rows);
}

// The same elements on a canvas; the policy of the page lets no image in, not even its own.
function png(picture) {
  const [width, height] = ["width", "height"].map((name) => Number(picture.getAttribute(name)));
  const scale = Math.min(SHARP, LARGEST_SIDE / Math.max(width, height));
  const canvas = h("canvas", { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  for (const child of picture.children) paintNode(pen, child);
  return canvas;
}

function paintNode(pen, node) {
  const of = (name, otherwise) => node.getAttribute(name) ?? otherwise;
  pen.save();
  for (const [, kind, values] of of("transform", "").matchAll(/(translate|rotate)\(([^)]*)\)/g)) {
    const [a, b] = values.split(/[ ,]+/).map(Number);
    if (kind === "translate") pen.translate(a, b || 0);
    else pen.rotate((a * Math.PI) / 180);
  }
  const box = ["x", "y", "width", "height"].map((name) => Number(of(name, 0)));
  if (node.localName === "svg") {
    pen.beginPath();
    pen.rect(...box);
    pen.clip();
  }
  pen.globalAlpha *= Number(of("opacity", 1));
  if (node.localName === "text") paintText(pen, node, of);
  const shape = node.localName === "path" ? new Path2D(of("d", "")) : node.localName === "rect" ? new Path2D() : null;
  if (node.localName === "rect") shape.roundRect(...box, parseFloat(of("rx", 0)) || 0);
  if (shape) {
    const alpha = pen.globalAlpha;
    pen.fillStyle = of("fill", "#000");
    pen.globalAlpha = alpha * Number(of("fill-opacity", 1));
    if (of("fill") !== "none") pen.fill(shape);
    pen.globalAlpha = alpha * Number(of("stroke-opacity", 1));
    pen.strokeStyle = of("stroke", "none");
    pen.lineWidth = Number(of("stroke-width", 1));
    pen.setLineDash((of("stroke-dasharray", "").match(/[\d.]+/g) ?? []).map(Number));
    if (of("stroke", "none") !== "none") pen.stroke(shape);
  } else for (const child of node.children) paintNode(pen, child);
  pen.restore();
}

function paintText(pen, node, of) {
  pen.font = `${of("font-weight", 400)} ${of("font-size", 12)}px ${of("font-family", FONT)}`;
  pen.textAlign = { middle: "center", end: "right" }[of("text-anchor")] ?? "left";
  const place = [node.textContent, Number(of("x", 0)), Number(of("y", 0))];
  if (of("stroke", "none") !== "none") {
    pen.strokeStyle = of("stroke");
    pen.lineWidth = Number(of("stroke-width", 1));
    pen.lineJoin = "round";
    pen.strokeText(...place);
  }
  pen.fillStyle = of("fill", "#000");
  pen.fillText(...place);
}
