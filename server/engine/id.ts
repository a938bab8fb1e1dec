const LENGTH = 20;
// A call into the runtime costs as much as several ids. Not more of them: on V8 an id keeps the
// text in memory that it is a part of.
const BATCH = 8;
const bytes = new Uint8Array(BATCH * LENGTH * 6 / 8);
const URL_SAFE = { alphabet: "base64url" } as const;
// Both runtimes have it; the libraries of TypeScript before 6 do not.
type ToBase64 = { toBase64(options: typeof URL_SAFE): string };
let ids = "";
let next = 0;

/** A new id of 20 characters that stand for 120 random bits. */
export function randomId(): string {
  if (next === ids.length) {
    ids = (crypto.getRandomValues(bytes) as Uint8Array & ToBase64).toBase64(URL_SAFE);
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
