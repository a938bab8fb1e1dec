import type { Frame } from "../../parser/engine/mod.ts";

/** What can be sent as binary data. */
export type BinaryData = ArrayBuffer | ArrayBufferView | Blob;

/** A message on its way out. Those that the parsers of the server make are of this form, too. */
export interface Outgoing {
  /** The frames with their Engine.IO prefix; complete when there is no `ready` any more. */
  readonly frames: readonly Frame[];
  /** Settles when the frames are complete, as after a Blob was read. */
  readonly ready?: Promise<unknown> | undefined;
}

/** Makes a message of frames: text with its Engine.IO prefix, and binary data in any form. */
export function toMessage(parts: readonly (string | BinaryData)[]): Outgoing {
  const frames = parts.map(toFrame);
  if (!frames.some((frame) => frame instanceof Promise)) return { frames: frames as Frame[] };
  const message = {
    frames: [] as Frame[],
    ready: Promise.all(frames).then((frames) => {
      message.frames = frames;
    }, console.error).then(() => {
      message.ready = undefined;
    }) as Promise<void> | undefined,
  };
  return message;
}

/** Writes binary data as text, for a transport that carries nothing else. */
export function encodeBase64(bytes: Uint8Array): string {
  return (bytes as NativeEncoder).toBase64?.() ??
    btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
}

/** Reads what {@linkcode encodeBase64} writes. Throws if it is anything else. */
export function decodeBase64(text: string): Uint8Array {
  return (Uint8Array as NativeDecoder).fromBase64?.(text) ??
    Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function toFrame(data: string | BinaryData): Frame | Promise<Frame> {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return data.arrayBuffer().then(toFrame);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

// Older browsers and React Native have neither method, and lib.dom may not know them.
type NativeEncoder = Uint8Array & { toBase64?(): string };
type NativeDecoder = typeof Uint8Array & { fromBase64?(text: string): Uint8Array };
