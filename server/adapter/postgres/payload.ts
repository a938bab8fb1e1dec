import { DEFAULT_MAX_DEPTH } from "../../../parser/mod.ts";
import { encodeValue } from "../../../parser/msgpack/mod.ts";
import type { ClusterMessage } from "../cluster/mod.ts";

/** A message as it is sent: by a notification, or by the table. */
export type Payload = { readonly text: string } | {
  readonly bytes: Uint8Array;
  /** What the notification says before the id of the attachment, and behind it. */
  readonly before: string;
  readonly after: string;
};

// What carries an event has levels of its own.
const MAX_DEPTH = DEFAULT_MAX_DEPTH + 8;

/**
 * Encodes a message.
 *
 * @param threshold how many bytes a text has at least that goes by the table.
 * @throws {TypeError} if it holds what cannot travel.
 */
export function encodeMessage(message: ClusterMessage, threshold: number): Payload {
  if (holdsBinary(message, MAX_DEPTH)) return attached(message, plain(message, MAX_DEPTH));
  const text = JSON.stringify(message);
  return fits(text, threshold) ? { text } : attached(message, JSON.parse(text));
}

/** How much memory it takes, about. */
export function sizeOf(payload: Payload): number {
  return "text" in payload ? payload.text.length : payload.bytes.length;
}

function attached({ uid, type }: ClusterMessage, value: unknown): Payload {
  const header = JSON.stringify({ uid, type, attachmentId: "" });
  // The id is a string, since it may be larger than a number.
  return { bytes: encodeValue(value), before: header.slice(0, -2), after: '"}' };
}

function fits(text: string, threshold: number): boolean {
  // Each code unit has three bytes at most.
  if (text.length * 3 < threshold) return true;
  return text.length < threshold && new TextEncoder().encode(text).length < threshold;
}

function holdsBinary(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) throw tooDeep();
  if (isBinary(value)) return true;
  if (value instanceof Date) return false;
  if (Array.isArray(value)) return value.some((item) => holdsBinary(item, depth - 1));
  const form = jsonForm(value);
  if (form !== value) return holdsBinary(form, depth - 1);
  for (const key in value) {
    if (Object.hasOwn(value, key) && holdsBinary((value as Fields)[key], depth - 1)) return true;
  }
  return false;
}

type Fields = Readonly<Record<string, unknown>>;

/** What `JSON.stringify` would make of a value, but with the binary data in it. */
function plain(value: unknown, depth: number): unknown {
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null || isBinary(value)) return value;
  if (depth === 0) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => plain(item, depth - 1) ?? null);
  const form = jsonForm(value);
  if (form !== value) return plain(form, depth - 1);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => [key, plain(item, depth - 1)] as const)
      .filter(([, item]) => item !== undefined),
  );
}

function tooDeep(): TypeError {
  return new TypeError("Cannot encode message: it is nested too deep, or cyclic");
}

function jsonForm(value: object): unknown {
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value) : value;
}

function isBinary(value: object): boolean {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob;
}
