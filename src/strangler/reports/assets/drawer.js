// The evidence drawer: the proof of whatever was clicked, kept in the address, copied as Markdown.

import { byId, h, name, say } from "./dom.js";
import { dossiers } from "./dossiers.js";
import { editorChoice } from "./editor.js";
import { redrawPlaces, sourceLink, sourceUrl } from "./links.js";
import { closeEvidence } from "./router.js";
import { excerpt, loadSource } from "./source.js";
import { core } from "./store.js";
import { t } from "./text.js";

const PORTION = 200;
let opener = null;
let current = "";

export async function showEvidence(evidence) {
  const drawer = byId("drawer");
  const wanted = evidence ? evidence.join("~") : "";
  if (wanted === current) return;
  current = wanted;
  if (!evidence) return hide(drawer);
  if (drawer.hidden) opener = document.activeElement;
  const [kind, ...rest] = evidence;
  await loadSource();
  const dossier = Object.hasOwn(dossiers, kind) ? await dossiers[kind](...rest) : null;
  if (current !== wanted) return;
  drawer.replaceChildren(...content(dossier ?? { title: t("drawer.unknown"), facts: [rest.join(" ")], sections: [] }));
  drawer.hidden = false;
  document.body.classList.add("with-drawer");
  byId("drawer-title").focus();
}

function hide(drawer) {
  drawer.hidden = true;
  drawer.replaceChildren();
  document.body.classList.remove("with-drawer");
  if (opener?.isConnected) opener.focus();
}

function content(dossier) {
  const sections = dossier.sections.filter((one) => (one.items ?? one.commits).length);
  return [
    h("header", {},
      h("h2", { id: "drawer-title", tabindex: -1 }, name(dossier.title)),
      h("div", { class: "tools" },
        h("button", { type: "button", onclick: (event) => copy(dossier, sections, event.target) }, t("drawer.copy")),
        h("button", { type: "button", onclick: closeEvidence, "aria-keyshortcuts": "Escape" }, t("drawer.close"))),
      sections.some((one) => one.items?.length) ? editorChoice(() => redrawPlaces(byId("drawer"))) : null),
    h("div", { class: "body" },
      dossier.facts.map((fact) => h("p", {}, fact)),
      sections.length ? sections.map(section) : h("p", { class: "note" }, dossier.empty ?? t("drawer.empty"))),
  ];
}

function section(one, index) {
  const list = h("ul", { class: one.commits ? "commits" : "places" });
  const every = one.items ?? one.commits;
  const draw = one.commits ? commitItem : placeItem;
  const more = h("button", { type: "button", onclick: () => extend() }, "");
  let count = 0;
  function extend() {
    list.append(...every.slice(count, count + PORTION).map(draw));
    count = Math.min(every.length, count + PORTION);
    more.hidden = count >= every.length;
    more.textContent = t("drawer.more", { n: every.length - count });
  }
  extend();
  const missing = one.count > every.length ? h("p", { class: "note" }, t("drawer.first", { shown: every.length, n: one.count })) : null;
  const mark = one.mark ? h("span", { class: "mark" }, one.mark) : null;
  const summary = h("summary", {}, h("bdi", {}, one.title), " ", h("span", { class: "count" }, String(one.count ?? every.length)), " ", mark);
  return h("details", { open: index < 6 }, summary, list, more, missing);
}

function placeItem(item) {
  return h("li", {},
    sourceLink(item.file, item.line),
    item.symbol ? [" ", h("bdi", { class: "code symbol" }, item.symbol)] : null,
    item.note ? h("span", { class: "note" }, " ", item.note) : null,
    excerpt(item.file, item.line, item.open));
}

function commitItem(commit) {
  const modules = commit.modules.map((n) => core.modules.name[n]);
  return h("li", {},
    h("span", { class: "code" }, commit.sha.slice(0, 10)), " ", h("time", {}, commit.date), " ",
    h("bdi", {}, commit.subject),
    h("details", { class: "touched" }, h("summary", {}, t("drawer.touched", { n: modules.length })),
      h("ul", {}, modules.map((one) => h("li", { class: "code" }, one)))));
}

// Markdown: names go into code spans whose fence is longer than any run of backticks inside.
export function codeSpan(text) {
  const clean = String(text).replace(/\s+/g, " ");
  const longest = Math.max(0, ...[...clean.matchAll(/\u0060+/g)].map((run) => run[0].length));
  const fence = "\u0060".repeat(longest + 1);
  return longest ? `${fence} ${clean} ${fence}` : `${fence}${clean || " "}${fence}`;
}

function markdown(dossier, sections) {
  const lines = [`## ${codeSpan(dossier.title)}`, "", ...dossier.facts.map((fact) => `${codeSpan(fact)}  `)];
  for (const one of sections) {
    lines.push("", `### ${codeSpan(one.title)} (${one.count ?? (one.items ?? one.commits).length})`, "");
    for (const item of one.items ?? []) lines.push(`- ${placeText(item)}${item.symbol ? " " + codeSpan(item.symbol) : ""}${item.note ? " " + codeSpan(item.note) : ""}`);
    for (const item of one.commits ?? []) lines.push(`- ${codeSpan(item.sha)} ${item.date} ${codeSpan(item.subject)}`);
  }
  return lines.join("\n") + "\n";
}

function placeText(item) {
  const url = sourceUrl(item.file, item.line);
  const label = codeSpan(item.line ? `${item.file}:${item.line}` : item.file);
  return url ? `[${label.replaceAll("]", "\\]")}](${url.replaceAll(")", "%29").replaceAll("(", "%28")})` : label;
}

async function copy(dossier, sections, button) {
  const text = markdown(dossier, sections);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = t("drawer.copied");
  say(t("drawer.copied"));
}

