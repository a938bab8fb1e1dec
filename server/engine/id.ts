const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH = 20;

// Asked for in portions: one call costs as much for a thousand bytes as for twenty.
const pool = new Uint8Array(LENGTH * 64);
let used = pool.length;

/** A new id of 20 characters that stand for 120 random bits. */
export function randomId(): string {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const codes = new Array<number>(LENGTH);
  for (let i = 0; i < LENGTH; i++) codes[i] = ALPHABET.charCodeAt((pool[used + i] ?? 0) & 63);
  // An id that was given out must not lie in memory twice.
  pool.fill(0, used, used += LENGTH);
  return String.fromCharCode(...codes);
}
