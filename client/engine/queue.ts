import { type Message, SEPARATOR } from "../../parser/engine/mod.ts";

/**
 * Takes from the head of a queue the messages that make one body of long polling: those that are
 * ready, as many as `limit` bytes hold. The first message goes in any case.
 */
export function takePayload(queue: Message[], limit: number = Infinity): string {
  let body = "";
  let size = 0;
  let count = 0;
  for (const message of queue) {
    if (message.ready) break;
    const { payload } = message;
    size += 1 + new TextEncoder().encode(payload).length;
    if (count > 0 && size - 1 > limit) break;
    // A message whose Blob could not be read has no payload.
    if (payload) body += (body && SEPARATOR) + payload;
    count++;
  }
  queue.splice(0, count);
  return body;
}
