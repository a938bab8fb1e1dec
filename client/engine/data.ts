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

/** Writes a frame as text, for a transport that carries nothing else. */
export function toText(frame: Frame): string {
  if (typeof frame === "string") return frame;
  return "b" + ((frame as NativeEncoder).toBase64?.() ??
    btoa(frame.reduce((text, byte) => text + String.fromCharCode(byte), "")));
}

/** Reads what {@linkcode toText} writes. What nothing can be read from stays a text, and no packet. */
export function fromText(text: string): Frame {
  if (text[0] !== "b") return text;
  const base64 = text.slice(1);
  try {
    return (Uint8Array as NativeDecoder).fromBase64?.(base64) ??
      Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return text;
  }
}

function toFrame(data: string | BinaryData): Frame | Promise<Frame> {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (data instanceof Blob) return data.arrayBuffer().then(toFrame);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

// Older browsers and React Native have neither method, and lib.dom may not know them.
type NativeEncoder = Uint8Array & { toBase64?(): string };
type NativeDecoder = typeof Uint8Array & { fromBase64?(text: string): Uint8Array };
