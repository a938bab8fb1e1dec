const bytes = new Uint8Array(15);

/** A new id of 20 characters that stand for 120 random bits. */
export function randomId(): string {
  const id = crypto.getRandomValues(bytes).toBase64({ alphabet: "base64url" });
  // An id that was given out must not lie in memory twice.
  bytes.fill(0);
  return id;
}

/**
 * Asks the program for an id.
 *
 * @throws {TypeError} if it is empty or taken; and what the program throws.
 */
export async function generatedId(
  generateId: (request: Request) => unknown,
  request: Request,
  isTaken: (id: string) => boolean,
): Promise<string> {
  const id = await generateId(request);
  if (typeof id === "string" && id !== "" && !isTaken(id)) return id;
  throw new TypeError("Cannot use id: it is empty, or taken");
}
