import type { Payload } from "./client.ts";

interface BytesClass {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

// The packages `redis` and `ioredis` take no other bytes; `ioredis` makes the text "1,2" of them.
const NodeBytes = (globalThis as unknown as Record<string, BytesClass | undefined>)["Buffer"];

const PREFIX = "base64,";

const utf8 = new TextEncoder();
const prefix = utf8.encode(PREFIX);

/** What the packages for Node take as bytes. */
export function toNode(payload: Payload): Payload {
  if (typeof payload === "string" || NodeBytes === undefined) return payload;
  return NodeBytes.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

/** A payload that holds no bytes. */
export function toText(payload: Payload): string {
  return typeof payload === "string" ? payload : PREFIX + payload.toBase64();
}

/** The bytes that were published, either way. */
export function toBytes(received: Payload): Uint8Array {
  if (typeof received === "string") {
    return (received.startsWith(PREFIX) ? fromBase64(received) : undefined) ??
      utf8.encode(received);
  }
  if (prefix.every((byte, i) => received[i] === byte)) {
    return fromBase64(new TextDecoder().decode(received)) ?? received;
  }
  // Not the Buffer of a package: its methods are others.
  return new Uint8Array(received.buffer, received.byteOffset, received.byteLength);
}

/** `undefined` if it is none, which whoever reads the payload finds out. */
function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text.slice(PREFIX.length));
  } catch {
    return undefined;
  }
}
