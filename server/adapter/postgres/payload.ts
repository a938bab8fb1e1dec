import { encodeStandardValue } from "../../../parser/msgpack/mod.ts";
import type { ClusterMessage } from "../cluster/mod.ts";

/** A message as it is sent: by a notification, or by the table. */
export type Payload = { readonly text: string } | {
  readonly bytes: Uint8Array;
  /** What the notification says before the id of the attachment, and behind it. */
  readonly before: string;
  readonly after: string;
};

/**
 * Encodes a message.
 *
 * @param binary whether it may hold bytes.
 * @param threshold how many bytes a text has at least that goes by the table.
 * @throws {TypeError} if it holds what cannot travel.
 */
export function encodeMessage(
  message: ClusterMessage,
  binary: boolean,
  threshold: number,
): Payload {
  if (binary) return attached(message, message);
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
  return { bytes: encodeStandardValue(value), before: header.slice(0, -2), after: '"}' };
}

function fits(text: string, threshold: number): boolean {
  // Each code unit has three bytes at most.
  if (text.length * 3 < threshold) return true;
  return text.length < threshold && new TextEncoder().encode(text).length < threshold;
}
