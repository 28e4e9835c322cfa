// Elements from names, properties and children; strings become text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function svg(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// A name breaks after the signs that join its parts, before it breaks anywhere else.
export function name(text) {
  const parts = text.length > 300 ? [text] : text.split(/(?<=[._/])/);
  return h("bdi", { class: "name", title: text.length > 40 ? text.slice(0, 500) : null },
    parts.map((part, i) => (i ? [h("wbr"), part] : part)));
}

export function scroller(label, ...children) {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, ...children);
}

export function say(text) {
  byId("status").textContent = text;
}
