const LENGTH = 20;
// A call into the runtime costs as much as several ids. Not more of them: on V8 an id keeps the
// text in memory that it is a part of.
const BATCH = 8;
const bytes = new Uint8Array(BATCH * LENGTH * 6 / 8);
let ids = "";
let next = 0;

/** A new id of 20 characters that stand for 120 random bits. */
export function randomId(): string {
  if (next === ids.length) {
    ids = crypto.getRandomValues(bytes).toBase64({ alphabet: "base64url" });
    bytes.fill(0);
    next = 0;
  }
  return ids.slice(next, next += LENGTH);
}

/**
 * Checks an id that the program has made.
 *
 * @throws {TypeError} if it is empty or taken.
 */
export function checkId(id: unknown, isTaken: (id: string) => boolean): string {
  if (typeof id === "string" && id !== "" && !isTaken(id)) return id;
  throw new TypeError("Cannot use id: it is empty, or taken");
}
