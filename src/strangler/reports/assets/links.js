// Names that lead somewhere: contexts to their canvas, tables and modules to their evidence, places to the source.

import { h, name } from "./dom.js";
import { editorUrl } from "./editor.js";
import { contextAddress, evidenceAddress } from "./router.js";
import { contextName, core } from "./store.js";

export function contextLink(position) {
  if (position < 0) return h("span", { class: "soft" }, core.text["no.context"]);
  return h("a", { href: contextAddress(contextName(position)) }, name(contextName(position)));
}

export function tableLink(position) {
  const label = core.tables.name[position];
  return h("a", { href: evidenceAddress("table", label) }, name(label));
}

export function moduleLink(position) {
  if (position < 0) return h("span", { class: "soft" }, "–");
  const label = core.modules.name[position];
  return h("a", { href: evidenceAddress("module", label), class: "code" }, name(label));
}

export function sourceUrl(file, line) {
  const { sourceUrl: template, revision } = core.meta;
  if (!template || (template.includes("{revision}") && !revision)) return null;
  const values = {
    revision: encodeURIComponent(revision ?? ""),
    path: file.split("/").map(encodeURIComponent).join("/"),
    line: String(line || 1),
  };
  return template.replace(/\{(revision|path|line)\}/g, (_, key) => values[key]);
}

// In a table: to the lines that the page carries, else to those of the remote.
export function placeLink(file, line) {
  if (!file) return h("span", { class: "soft" }, "–"); // said of the whole, at no place
  if (!core.meta.excerpts) return sourceLink(file, line);
  const label = line ? `${file}:${line}` : file;
  return h("a", { href: evidenceAddress("place", file, line), class: "code place" }, name(label));
}

// All places of an element anew, after another way to open them was chosen.
export function redrawPlaces(element) {
  for (const place of element.querySelectorAll("[data-file]")) place.replaceWith(sourceLink(place.dataset.file, Number(place.dataset.line)));
}

export function sourceLink(file, line) {
  const label = h("bdi", {}, line ? `${file}:${line}` : file);
  const place = { class: "code place", "data-file": file, "data-line": line || "" };
  const local = editorUrl(file, line);
  if (local) return h("a", { ...place, href: local }, label);
  const url = sourceUrl(file, line);
  return url
    ? h("a", { ...place, href: url, rel: "noreferrer noopener", target: "_blank" }, label)
    : h("span", place, label);
}
