// The work on the cut: its steps, undone and redone, kept by the browser until the next report.

import { block, core } from "./store.js";
import { bench, figuresOf, startFrom } from "./workshop-model.js";

const MOST_STEPS = 200;
export const work = { tools: null, cuts: [], base: 0, steps: [], at: 0, before: null, now: null, kept: true };

export async function loadWork() {
  if (work.tools) return;
  const [data, history] = [await block("workshop"), await block("history")];
  work.tools = bench(data, core, history.touched);
  work.cuts = data.cuts;
  work.kinds = data.kinds;
  begin(0);
  restoreDraft();
}

export function currentCut() {
  return work.steps[work.at];
}

// Start anew from one of the cuts of the analysis.
export function begin(base) {
  work.base = base;
  work.steps = [startFrom(work.cuts[base], work.tools)];
  work.at = 0;
  work.before = work.now = figuresOf(work.steps[0], work.tools);
}

export function take(cut) {
  work.steps = [...work.steps.slice(0, work.at + 1), cut].slice(-MOST_STEPS);
  settle(work.steps.length - 1);
}

export function undo() {
  if (work.at > 0) settle(work.at - 1);
}

export function redo() {
  if (work.at < work.steps.length - 1) settle(work.at + 1);
}

export function startCut() {
  return startFrom(work.cuts[work.base], work.tools);
}

function settle(at) {
  work.at = at;
  work.now = figuresOf(currentCut(), work.tools);
  keepDraft();
}

function draftKey() {
  return JSON.stringify(["strangler workshop", core.meta.name, core.meta.revision, work.tools.atoms, work.tools.from.length]);
}

// A browser may refuse to keep anything, and what it kept may be of another report.
function keepDraft() {
  try {
    const cut = currentCut();
    const kept = { base: work.base, contexts: cut.contexts, place: [...cut.place] };
    if (work.at) localStorage.setItem(draftKey(), JSON.stringify(kept));
    else localStorage.removeItem(draftKey());
  } catch {
    work.kept = false;
  }
}

function restoreDraft() {
  try {
    const kept = JSON.parse(localStorage.getItem(draftKey()) ?? "null");
    if (!kept || kept.place.length !== work.tools.atoms || !work.cuts[kept.base]) return;
    if (kept.place.some((n) => !Number.isInteger(n) || n < -1 || n >= kept.contexts.length)) return;
    begin(kept.base);
    take({ contexts: kept.contexts, place: Int32Array.from(kept.place) });
    work.restored = true;
  } catch {
    work.kept = false;
  }
}
