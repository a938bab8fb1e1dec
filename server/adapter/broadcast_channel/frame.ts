import { ClusterError } from "../cluster/mod.ts";

/** A message in a batch. A text that stands for it is JSON. */
export type Item = readonly [nsp: string, to: string, message: unknown];

/** Who, and up to which number. */
export type Mark = readonly [id: string, number: number];

/** A range of messages of somebody, without its end. */
export type Range = readonly [id: string, from: number, to: number];

/**
 * What is posted: always where the sender stands, so that whatever arrives shows what did not, and
 * tells again what may not have been heard.
 */
export interface Frame {
  /** Who has posted it. */
  readonly from: string;
  /** When the sender began, in milliseconds since 1970: who is older hears all that a younger says. */
  readonly born: number;
  /** The number of the first message that the sender has not posted yet. */
  readonly next: number;
  /** For each other, the number of the first of its messages that has not come. */
  readonly acks: readonly Mark[];
  /** For each that has not heard so: the number of the first message that it is to expect. */
  readonly starts?: readonly Mark[];
  /** What the sender has missed. */
  readonly asks?: readonly Range[];
  /** The others are to say at once what they have. */
  readonly urge?: boolean;
  /** The sender has said its last. */
  readonly ends?: boolean;
  /** The number of the first message in it. */
  readonly first?: number;
  /** The messages in it. */
  readonly items?: readonly Item[];
}

/** Puts a batch behind the other fields, either as its JSON text or as it is. */
export function writeFrame(head: Frame, body: string | readonly Item[] | undefined): unknown {
  if (typeof body === "object") return { ...head, items: body };
  const text = JSON.stringify(head);
  return body === undefined ? text : `${text.slice(0, -1)},"items":${body}}`;
}

/**
 * Reads what came.
 *
 * @throws {ClusterError} if nobody would have posted it.
 */
export function readFrame(data: unknown): Frame {
  const frame = typeof data === "string" ? parse(data) : data;
  if (typeof frame !== "object" || frame === null) throw unreadable("it has no fields");
  const { from, born, next, acks, starts = [], asks = [], first, items } = frame as Partial<Frame>;
  if (typeof from !== "string" || typeof born !== "number") throw unreadable("nobody sent it");
  if (!isNumber(next)) throw unreadable("it has no number");
  if (!isListOf(acks, isMark) || !isListOf(starts, isMark) || !isListOf(asks, isRange)) {
    throw unreadable("its numbers are wrong");
  }
  if (items !== undefined && !(isNumber(first) && isListOf(items, isItem))) {
    throw unreadable("its messages are wrong");
  }
  return frame as Frame;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable("it is no JSON");
  }
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function isListOf(value: unknown, fits: (item: readonly unknown[]) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => Array.isArray(item) && fits(item));
}

function isMark([id, number]: readonly unknown[]): boolean {
  return typeof id === "string" && isNumber(number);
}

function isRange([id, from, to]: readonly unknown[]): boolean {
  return typeof id === "string" && isNumber(from) && isNumber(to);
}

function isItem([nsp, to]: readonly unknown[]): boolean {
  return typeof nsp === "string" && typeof to === "string";
}

function unreadable(what: string): ClusterError {
  return new ClusterError(`Cannot read what came by the channel between threads: ${what}`);
}
