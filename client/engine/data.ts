import { type Frame, Message } from "../../parser/engine/mod.ts";

/** What can be sent as binary data. */
export type BinaryData = ArrayBuffer | ArrayBufferView | Blob;

/** Makes a message of frames: text with its Engine.IO prefix, and binary data in any form. */
export function toMessage(parts: readonly (string | BinaryData)[]): Message {
  const frames = parts.map(toFrame);
  return frames.some((frame) => frame instanceof Promise)
    ? Message.deferred(Promise.all(frames), (error) => console.error(error))
    : new Message(frames as Frame[]);
}

function toFrame(data: string | BinaryData): Frame | Promise<Frame> {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : data.arrayBuffer().then((buffer) => new Uint8Array(buffer));
}
