import { type Outgoing, toText } from "./data.ts";

/** Stands between the packets of one body. */
export const SEPARATOR = "\x1e";

/**
 * Takes from the head of a queue the messages that make one body of long polling: those that are
 * ready, as many as `limit` bytes hold. The first message goes in any case.
 */
export function takePayload(queue: Outgoing[], limit: number = Infinity): string {
  let body = "";
  let size = 0;
  let count = 0;
  for (const { frames, ready } of queue) {
    if (ready) break;
    const payload = frames.map(toText).join(SEPARATOR);
    size += 1 + byteLength(payload);
    if (count > 0 && size - 1 > limit) break;
    // A message whose Blob could not be read has no payload.
    if (payload) body += (body && SEPARATOR) + payload;
    count++;
  }
  queue.splice(0, count);
  return body;
}

/** Counts bytes; the most that there can be where nothing counts them, as in jsdom. */
function byteLength(text: string): number {
  return globalThis.TextEncoder ? new TextEncoder().encode(text).length : text.length * 3;
}
