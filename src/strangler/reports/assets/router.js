// The address holds everything that a colleague needs to see the same: view, filters, open evidence.
//   #/view/part?filter=value&e=kind~argument~argument

export function encode(text) {
  return encodeURIComponent(text).replaceAll("~", "%7E");
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function route() {
  const [path, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
  const parts = path.split("/").slice(1).map(decode);
  const filters = new Map();
  let evidence = null;
  for (const pair of query.split("&").filter(Boolean)) {
    const [key, value = ""] = pair.split(/=(.*)/s);
    if (key === "e") evidence = value.split("~").map(decode);
    else filters.set(decode(key), decode(value));
  }
  return { parts: parts[0] ? parts : ["verdict"], filters, evidence };
}

export function address(parts, filters = new Map(), evidence = null) {
  const pairs = [...filters].filter(([, value]) => value !== "" && value !== null);
  const query = pairs.map(([key, value]) => `${encode(key)}=${encode(String(value))}`);
  if (evidence) query.push(`e=${evidence.map((part) => encode(String(part))).join("~")}`);
  return `#/${parts.map(encode).join("/")}${query.length ? "?" + query.join("&") : ""}`;
}

export function setFilter(key, value) {
  const now = route();
  now.filters.set(key, value);
  history.replaceState(null, "", address(now.parts, now.filters, now.evidence));
  document.dispatchEvent(new Event("strangler-filter"));
}

export function evidenceAddress(...evidence) {
  const now = route();
  return address(now.parts, now.filters, evidence);
}

export function openEvidence(...evidence) {
  location.hash = evidenceAddress(...evidence);
}

export function closeEvidence() {
  const now = route();
  location.hash = address(now.parts, now.filters);
}

export function contextAddress(name) {
  return address(["context", name]);
}
