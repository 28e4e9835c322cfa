// The cut that people work on: where each module and table is, its figures, and what was done to it.
//
// An atom is a module or a table, by its number. A cut is never changed: each step makes another.

// A table that is declared in a module goes with it.
export function bench(data, core, touched) {
  const modules = core.modules.name.length;
  const [from, to, kind, alone] = data.ties;
  const rowsOf = Array.from({ length: modules + core.tables.name.length }, () => []);
  from.forEach((atom, row) => (rowsOf[atom].push(row), rowsOf[to[row]].push(row)));
  const sharedOf = new Map();
  for (const [row, place] of data.shared) sharedOf.set(row, [...(sharedOf.get(row) ?? []), place]);
  const declared = new Map();
  core.tables.home.forEach((module, table) => {
    if (module >= 0) declared.set(module, [...(declared.get(module) ?? []), modules + table]);
  });
  return {
    modules, from, to, kind, alone, rowsOf, sharedOf, declared, touched,
    crossings: data.crossings, dataTies: data.dataTies, places: data.places, writes: data.writes,
    name: (atom) => (atom < modules ? core.modules.name[atom] : core.tables.name[atom - modules]),
    atoms: modules + core.tables.name.length,
  };
}

export function startFrom(cut, tools) {
  const place = new Int32Array(tools.atoms).fill(-1);
  cut.modules.forEach((inside, n) => inside.forEach((module) => (place[module] = n)));
  cut.tables.forEach((inside, n) => inside.forEach((table) => (place[tools.modules + table] = n)));
  const contexts = cut.name.map((label, n) => ({ id: cut.id[n], name: label, kind: cut.kind[n], notes: "" }));
  return { contexts, place };
}

// Tables alone are no context: where the last module goes, the tables go with it.
export function moved(cut, atoms, target, tools) {
  const place = cut.place.slice();
  for (const atom of atoms) {
    for (const table of tools.declared.get(atom) ?? []) {
      if (place[table] === cut.place[atom]) place[table] = target;
    }
    place[atom] = target;
  }
  const living = new Set(place.subarray(0, tools.modules));
  const emptied = new Set(cut.place.subarray(0, tools.modules).filter((n) => !living.has(n)));
  for (let table = tools.modules; table < place.length; table++) if (emptied.has(place[table])) place[table] = target;
  return { contexts: cut.contexts, place };
}

export function created(cut, label) {
  const wanted = freeName(cut, label);
  const contexts = [...cut.contexts, { id: freeId(cut, wanted), name: wanted, kind: "context", notes: "" }];
  return { contexts, place: cut.place };
}

export function edited(cut, n, changes) {
  const contexts = cut.contexts.map((context, i) => (i === n ? { ...context, ...changes } : context));
  return { contexts, place: cut.place };
}

export function merged(cut, from, into) {
  return { contexts: cut.contexts, place: cut.place.map((n) => (n === from ? into : n)) };
}

// A cut by names: what differs from the cut that it began with.
export function draftOf(cut, start, { cuts, base, tools }) {
  const others = [...cut.place.keys()].filter((atom) => cut.place[atom] !== start.place[atom]);
  return {
    base: [base, cuts[base].label, cuts[base].name.length], contexts: cut.contexts,
    moved: others.map((atom) => [atom < tools.modules, tools.name(atom), cut.place[atom]]),
  };
}

// That cut again, on the present one; what is no longer there is left out.
export function restored(draft, start, tools) {
  const contexts = [...start.contexts];
  const position = draft.contexts.map((context) => {
    const same = contexts.findIndex((one) => one.id === context.id);
    if (same < 0) return contexts.push(context) - 1;
    contexts[same] = context;
    return same;
  });
  const key = (module, label) => `${module} ${label}`;
  const atoms = new Map(Array.from({ length: tools.atoms }, (_, atom) => [key(atom < tools.modules, tools.name(atom)), atom]));
  const place = start.place.slice();
  for (const [module, label, n] of draft.moved) {
    const atom = atoms.get(key(module, label));
    if (atom !== undefined) place[atom] = n < 0 ? -1 : position[n];
  }
  return { contexts, place };
}

// The contexts that hold something; one that was emptied is gone.
export function held(cut) {
  const found = new Set(cut.place);
  return cut.contexts.map((context, n) => ({ ...context, n })).filter(({ n }) => found.has(n));
}

function freeName(cut, label) {
  const taken = new Set(held(cut).map((context) => context.name));
  if (!taken.has(label)) return label;
  for (let n = 2; ; n++) if (!taken.has(`${label}-${n}`)) return `${label}-${n}`;
}

function freeId(cut, wanted) {
  const taken = new Set(cut.contexts.map((context) => context.id));
  if (!taken.has(wanted)) return wanted;
  for (let n = 2; ; n++) if (!taken.has(`${wanted}-${n}`)) return `${wanted}-${n}`;
}

export function nameTaken(cut, n, label) {
  return held(cut).some((context) => context.n !== n && context.name === label);
}

// The figures of the whole, each as the first view counts it for the cut that it shows.
export function figuresOf(cut, tools) {
  const { place } = cut;
  const size = cut.contexts.length;
  const kinds = tools.crossings.map(() => 0);
  const pairs = new Uint8Array(size * size);
  const around = new Int32Array(size);
  for (let row = 0; row < tools.from.length; row++) {
    const a = place[tools.from[row]];
    const b = place[tools.to[row]];
    if (a < 0 || b < 0 || a === b) continue;
    pairs[a * size + b] = 1;
    kinds[tools.kind[row]] += tools.alone[row];
    around[a] += tools.alone[row];
    around[b] += tools.alone[row];
  }
  const counted = new Uint8Array(tools.places);
  const near = new Set();
  for (const [row, places] of tools.sharedOf) {
    const a = place[tools.from[row]];
    const b = place[tools.to[row]];
    if (a < 0 || b < 0 || a === b) continue;
    for (const one of places) {
      if (!counted[one]) kinds[tools.kind[row]] += 1;
      counted[one] = 1;
      near.add(one * size + a).add(one * size + b);
    }
  }
  for (const key of near) around[key % size] += 1;
  const count = (...wanted) => wanted.reduce((total, kind) => total + kinds[tools.crossings.indexOf(kind)], 0);
  let mutual = 0;
  for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) mutual += pairs[a * size + b] & pairs[b * size + a];
  return {
    contexts: held(cut).filter((context) => context.kind === "context").length,
    crossings: kinds.reduce((total, n) => total + n, 0),
    ties: count(...tools.dataTies),
    shared: sharedTables(cut, tools),
    mutual,
    within: withinOne(cut, tools),
    around,
  };
}

function sharedTables(cut, tools) {
  const first = new Map();
  const shared = new Set();
  for (const [table, module] of tools.writes) {
    const home = cut.place[module];
    if (first.has(table) && first.get(table) !== home) shared.add(table);
    else first.set(table, home);
  }
  return shared.size;
}

// Share of the commits to contexts that touch one alone; null without commits.
function withinOne(cut, tools) {
  let every = 0;
  let single = 0;
  for (const modules of tools.touched) {
    let home = -1;
    let several = false;
    for (const module of modules) {
      const n = cut.place[module];
      if (n < 0 || cut.contexts[n].kind !== "context") continue;
      if (home >= 0 && n !== home) several = true;
      home = n;
    }
    if (home < 0) continue;
    every += 1;
    if (!several) single += 1;
  }
  return every ? single / every : null;
}

// Context -> places that tie some atoms to it, as it stands; their own ties are left out.
export function nearest(cut, atoms, tools) {
  const chosen = new Set(atoms);
  const found = new Map();
  for (const atom of chosen) {
    for (const row of tools.rowsOf[atom]) {
      const other = tools.from[row] === atom ? tools.to[row] : tools.from[row];
      if (chosen.has(other) || cut.place[other] < 0) continue;
      const weight = tools.alone[row] + (tools.sharedOf.get(row)?.length ?? 0);
      found.set(cut.place[other], (found.get(cut.place[other]) ?? 0) + weight);
    }
  }
  return found;
}

// (from, to) -> places of the crossings between two contexts, keyed by names so that cuts can be compared.
export function betweenContexts(cut, tools) {
  const size = cut.contexts.length;
  const counts = new Float64Array(size * size);
  const once = new Set();
  for (let row = 0; row < tools.from.length; row++) {
    const a = cut.place[tools.from[row]];
    const b = cut.place[tools.to[row]];
    if (a < 0 || b < 0 || a === b) continue;
    counts[a * size + b] += tools.alone[row];
    for (const place of tools.sharedOf.get(row) ?? []) {
      const key = `${a} ${b} ${place}`;
      if (!once.has(key)) counts[a * size + b] += 1;
      once.add(key);
    }
  }
  const name = (n) => cut.contexts[n].name;
  const found = new Map();
  counts.forEach((n, key) => n && found.set(JSON.stringify([name(Math.floor(key / size)), name(key % size)]), n));
  return found;
}
