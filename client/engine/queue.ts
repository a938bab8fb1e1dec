import type { Message } from "../../parser/engine/mod.ts";

/**
 * Takes from the head of a queue what can be sent together: messages that are ready, as one body
 * of long polling not larger than `limit` bytes. The first message goes in any case.
 */
export function takeBatch(queue: Message[], limit: number = Infinity): Message[] {
  let count = 0;
  let size = 0;
  for (const message of queue) {
    if (message.ready) break;
    if (limit < Infinity) size += 1 + byteLength(message.payload);
    if (count > 0 && size - 1 > limit) break;
    count++;
  }
  return queue.splice(0, count);
}

/** The size of a text in UTF-8. */
function byteLength(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A surrogate pair takes 4 bytes and counts as 2 characters.
    if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return length;
}
