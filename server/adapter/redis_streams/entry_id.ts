/** The id ahead of all entries. */
export const FIRST_ID = "0-0";

// Neither half can be more than Redis takes.
const ID = /^\d{1,19}-\d{1,19}$/;

/** Whether a text, which may come from a client, is the id of an entry of a stream. */
export function isEntryId(text: string): boolean {
  return ID.test(text);
}

/** Whether an id is not ahead of another. */
export function isReached(id: string, other: string): boolean {
  const [time = 0n, count = 0n] = id.split("-").map(BigInt);
  const [otherTime = 0n, otherCount = 0n] = other.split("-").map(BigInt);
  return time === otherTime ? count >= otherCount : time > otherTime;
}
