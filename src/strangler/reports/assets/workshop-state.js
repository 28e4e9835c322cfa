// The work on the cut: its steps, undone and redone, kept by the browser until the next report.

import { block, core } from "./store.js";
import { bench, draftOf, figuresOf, restored, startFrom } from "./workshop-model.js";

const MOST_STEPS = 200;
export const work = { tools: null, cuts: [], base: 0, steps: [], at: 0, before: null, now: null, kept: true, saved: false };

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

// The cut has been written down: there is no draft of it any more.
export function savedCut() {
  work.saved = true;
  try {
    localStorage.removeItem(draftKey());
  } catch {
    work.kept = false;
  }
}

function settle(at) {
  work.at = at;
  work.saved = false;
  work.now = figuresOf(currentCut(), work.tools);
  keepDraft();
}

// The draft of a file is of this file; that of a live page outlives its pictures.
function draftKey() {
  const { name, revision, live } = core.meta;
  const rest = live === null ? [revision, work.tools.atoms, work.tools.from.length] : ["live"];
  return JSON.stringify(["strangler workshop", name, ...rest]);
}

// A browser may refuse to keep anything, and what it kept may be of another report: all goes by names.
function keepDraft() {
  try {
    if (work.at) localStorage.setItem(draftKey(), JSON.stringify(draftOf(currentCut(), startCut(), work)));
    else localStorage.removeItem(draftKey());
  } catch {
    work.kept = false;
  }
}

function restoreDraft() {
  try {
    const kept = JSON.parse(localStorage.getItem(draftKey()) ?? "null");
    if (!kept) return;
    const [base, label, contexts] = kept.base; // several cuts may be called the same
    if (work.cuts[base]?.label !== label || (base && work.cuts[base].name.length !== contexts)) return;
    begin(base);
    take(restored(kept, work.steps[0], work.tools));
    work.restored = true;
  } catch {
    work.kept = false;
  }
}
