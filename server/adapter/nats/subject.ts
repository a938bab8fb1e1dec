// NATS ends a connection that names a longer subject than some 4,000 bytes.
const MAX_TOKEN = 200;
const MAX_PREFIX = 1000;

const encoder = new TextEncoder();

/** The subject of a namespace. */
export function subjectOf(prefix: string, nsp: string): string {
  let token = "";
  for (const byte of encoder.encode(nsp)) {
    const char = String.fromCharCode(byte);
    token += /[\w-]/.test(char) ? char : "=" + byte.toString(16).toUpperCase().padStart(2, "0");
    // A byte that is written is followed by no second "=".
    if (token.length > MAX_TOKEN) return `${prefix}.${token.slice(0, MAX_TOKEN)}==`;
  }
  return `${prefix}.${token}`;
}

/**
 * Checks that subjects can begin so.
 *
 * @throws {TypeError} if they cannot.
 */
export function checkPrefix(prefix: string): void {
  // What is between dots must hold nothing that means something to NATS, or ends its words.
  const isSubject = prefix.split(".").every((token) => /^[^\s*>]+$/.test(token));
  if (isSubject && prefix.length <= MAX_PREFIX) return;
  throw new TypeError(
    `Cannot use subjectPrefix ${JSON.stringify(prefix)}: it is no subject without wildcards`,
  );
}
