// Where the lines of a place open: at the forge, or in an editor of this machine, as the reader chooses. The choice
// is kept by the browser and is no part of the report.

import { h } from "./dom.js";
import { core } from "./store.js";
import { t } from "./text.js";

const EDITOR_KEY = "strangler-editor";
const EDITOR_URLS = {
  vscode: (path, line) => `vscode://file${path}:${line}`,
  pycharm: (path, line) => `pycharm://open?file=${path}&line=${line}`,
  zed: (path, line) => `zed://file${path}:${line}`,
};

let preferred = keptEditor();

function keptEditor() {
  try {
    const { editor, folder } = JSON.parse(localStorage.getItem(EDITOR_KEY) ?? "{}");
    return { editor: Object.hasOwn(EDITOR_URLS, editor) ? editor : "", folder: String(folder ?? "") };
  } catch {
    return { editor: "", folder: "" };
  }
}

function keepEditor() {
  try {
    localStorage.setItem(EDITOR_KEY, JSON.stringify(preferred));
  } catch {
    // a browser may refuse; the choice holds until the page is left
  }
}

// The address that opens a line in the editor of choice; null where there is none or its folder is no absolute path.
export function editorUrl(file, line) {
  const folder = preferred.folder.trim().replaceAll("\\", "/").replace(/\/+$/, "");
  if (!preferred.editor || !/^(\/|[A-Za-z]:\/|[A-Za-z]:$)/.test(folder)) return null;
  const path = `${folder.startsWith("/") ? "" : "/"}${folder}/${file}`;
  return EDITOR_URLS[preferred.editor](path.split("/").map(encodeURIComponent).join("/").replace(/^\/([A-Za-z])%3A/, "/$1:"), line || 1);
}

// The control; ``changed`` is called after each choice.
export function editorChoice(changed) {
  const take = (change) => {
    preferred = { ...preferred, ...change };
    folder.hidden = !preferred.editor;
    keepEditor();
    changed();
  };
  const none = core.meta.sourceUrl ? "forge" : "nowhere";
  const box = h("select", { onchange: () => take({ editor: box.value }) },
    ["", ...Object.keys(EDITOR_URLS)].map((value) => h("option", { value }, t(`editor.${value || none}`))));
  box.value = preferred.editor;
  const input = h("input", { type: "text", value: preferred.folder, placeholder: "/home/me/shop", oninput: () => take({ folder: input.value }) });
  const folder = h("label", { class: "control", hidden: !preferred.editor }, h("span", {}, t("editor.folder")), input);
  return h("div", { class: "controls inline" }, h("label", { class: "control" }, h("span", {}, t("editor.title")), box), folder);
}
