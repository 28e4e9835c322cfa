// The end of a workshop: the file with the cut, and what to type to make it the accepted one.

import { h, say } from "./dom.js";
import { download } from "./download.js";
import { acceptCut, isLive } from "./live.js";
import { t } from "./text.js";
import { boundariesFile } from "./workshop-file.js";
import { currentCut, savedCut, work } from "./workshop-state.js";

const FILE = "strangler-boundaries.toml";

export function openExport() {
  const by = h("input", { autocomplete: "name", maxlength: 200, oninput: () => fill() });
  const when = h("input", { type: "date", value: new Date().toISOString().slice(0, 10), oninput: () => fill() });
  const text = h("textarea", { rows: 14, readonly: true, spellcheck: "false", class: "code", "aria-label": FILE });
  const fill = () => (text.value = boundariesFile(currentCut(), work.tools, { by: by.value.trim(), day: when.value }));
  fill();
  const said = h("div", { role: "status" });
  const dialog = h("dialog", { class: "export", "aria-labelledby": "export-title" },
    h("h2", { id: "export-title" }, t("export.title")),
    h("p", {}, t(isLive() ? "export.lead.live" : "export.lead")),
    h("div", { class: "controls" },
      h("label", { class: "control" }, h("span", {}, t("export.by")), by),
      h("label", { class: "control" }, h("span", {}, t("export.when")), when)),
    text,
    isLive() ? null : [h("p", {}, t("export.then")),
      h("pre", { class: "code", tabindex: 0 }, `strangler accept --from ${FILE}\nstrangler analyze`)],
    said,
    h("div", { class: "tools" },
      isLive() ? h("button", { type: "button", class: "main", onclick: (event) => accept(text.value, event.target, said) }, t("export.write")) : null,
      h("button", { type: "button", class: isLive() ? null : "main", onclick: () => download(FILE, "application/toml", text.value) }, t("export.save")),
      h("button", { type: "button", onclick: (event) => copyText(text, event.target) }, t("export.copy")),
      h("button", { type: "button", onclick: () => dialog.close() }, t("drawer.close"))));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

async function accept(text, button, said) {
  button.disabled = true;
  said.replaceChildren(h("p", {}, t("export.writing")));
  const { notes, error } = await acceptCut(text);
  button.disabled = false;
  if (error) {
    said.replaceChildren(h("p", { class: "warn" }, error));
    return;
  }
  savedCut();
  said.replaceChildren(h("p", {}, t("export.written")), h("ul", { class: "note" }, notes.map((line) => h("li", {}, line))));
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text.value);
  } catch {
    text.select();
    document.execCommand("copy");
  }
  button.textContent = t("drawer.copied");
  say(t("drawer.copied"));
}
