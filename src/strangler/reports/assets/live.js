// The page of `strangler serve`: it asks its own server what has become of the tree, and has it write the cut.

import { byId, h } from "./dom.js";
import { core } from "./store.js";
import { t } from "./text.js";
import { work } from "./workshop-state.js";

const PAUSE = 1500;

export function isLive() {
  return core.meta.live !== null;
}

export function followTree() {
  if (isLive()) setTimeout(ask, PAUSE);
}

// A picture with unsaved work on it stays until the user lets it go.
async function ask() {
  try {
    const answer = await fetch("state", { cache: "no-store" });
    const { picture, note } = await answer.json();
    const other = picture !== core.meta.live;
    if (other && !(work.at > 0 && !work.saved)) {
      location.reload();
      return;
    }
    if (other) tell(t("live.new"), h("button", { type: "button", onclick: () => location.reload() }, t("live.show")));
    else tell(note);
  } catch {
    tell(t("live.ended"));
  }
  setTimeout(ask, PAUSE);
}

function tell(text, button = null) {
  const bar = byId("live");
  if (bar.dataset.text === text) return;
  bar.dataset.text = text;
  bar.hidden = !text;
  bar.replaceChildren(h("span", {}, text), ...(button ? [button] : []));
}

// What the server says of the cut: lines to read, or why it was not written.
export async function acceptCut(text) {
  try {
    const answer = await fetch("accept", { method: "POST", headers: { "Content-Type": "application/toml" }, body: text });
    return await answer.json();
  } catch {
    return { error: t("live.ended") };
  }
}
