import { Message } from "../../parser/engine/mod.ts";

/** What a message may carry. A `Blob` is read first and keeps its place meanwhile. */
export type MessageData = string | ArrayBuffer | ArrayBufferView | Blob;

/** Makes a message of what a program sends. */
export function toMessage(data: MessageData): Message {
  if (typeof data === "string") return Message.text(data);
  if (data instanceof ArrayBuffer) return new Message([new Uint8Array(data)]);
  if (ArrayBuffer.isView(data)) {
    return new Message([new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
  }
  if (data instanceof Blob) {
    const frames = data.arrayBuffer().then((buffer) => [new Uint8Array(buffer)]);
    return Message.deferred(frames, (error) => console.error("Cannot read Blob:", error));
  }
  throw new TypeError("Cannot send message: it is neither text nor binary data");
}
