/**
 * Reads the results of single tests out of a JUnit report of Deno or Bun, each as its name, its
 * outcome and the text of its failure. A group of tests counts only where it fails by itself, as by
 * a leak, and not for its members.
 */
export function readResults(xml) {
  const cases = [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(
    ([, attributes, body = ""]) => ({
      name: fullName(attributes),
      outcome: /<failure\b|<error\b/.test(body)
        ? "failed"
        : /<skipped\b/.test(body)
        ? "skipped"
        : "passed",
      text: unescape(/<(?:failure|error)\b[^>]*>([\s\S]*?)<\//.exec(body)?.[1] ?? ""),
    }),
  );
  const groups = new Set(cases.flatMap(({ name }) => prefixes(name)));
  return cases.filter(({ name, text }) =>
    !groups.has(name) || (text !== "" && !/^\d+ test steps? failed/.test(text.trim()))
  );
}

/** How many tests had each outcome. */
export function count(results) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

// Bun names the groups of a test from the inside out, in an attribute of their own.
function fullName(attributes) {
  const name = attribute(attributes, "name");
  const file = attribute(attributes, "file");
  if (file === "") return name;
  const groups = attribute(attributes, "classname").split(" > ").filter((group) => group !== "");
  return [file, ...groups.reverse(), name].join(" > ");
}

function prefixes(name) {
  const parts = name.split(" > ");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" > "));
}

function attribute(attributes, name) {
  return unescape(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
}

function unescape(text) {
  const named = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(
    /&(?:#(\d+)|(\w+));/g,
    (whole, code, name) =>
      code === undefined ? named[name] ?? whole : String.fromCodePoint(Number(code)),
  );
}
