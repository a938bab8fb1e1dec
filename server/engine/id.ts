const bytes = new Uint8Array(15);

/** A new id of 20 characters that stand for 120 random bits. */
export function randomId(): string {
  const id = crypto.getRandomValues(bytes).toBase64({ alphabet: "base64url" });
  // An id that was given out must not lie in memory twice.
  bytes.fill(0);
  return id;
}
