// A file that the browser writes; nothing is sent anywhere.

import { h, say } from "./dom.js";
import { t } from "./text.js";

export function download(file, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: address, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  say(t("export.saved"));
}
