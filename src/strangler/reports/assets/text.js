// The words of the page come with its data (text.json); this fills their places.

let words = {};

export function setWords(table) {
  words = table;
}

export function shown(value) {
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : String(value);
}

export function t(key, values = {}) {
  const template = (values.n === 1 && words[key + "_one"]) || words[key];
  if (template === undefined) throw new Error(`no text ${key}`);
  return template.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

// The text of a key that may not exist, else what stands for it.
export function known(key, otherwise) {
  return words[key] ?? otherwise;
}

export function percent(share) {
  if (share === null || share === undefined || share < 0) return "–";
  const whole = Math.round(100 * share);
  if (whole === 100 && share < 1) return "over 99\u00a0%";
  return whole === 0 && share > 0 ? "under 1\u00a0%" : `${whole}\u00a0%`;
}
