import { ParseError } from "./parse_error.ts";

// Older browsers and React Native have neither method; lib.dom of the day may not know them.
const native = Uint8Array as unknown as {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
};
const CHUNK = 0x8000;

/** Encodes bytes as standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const own = (bytes as { toBase64?(): string }).toBase64;
  if (own !== undefined) return own.call(bytes);
  let binary = "";
  for (let i = 0; i < bytes.length; i += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  }
  return btoa(binary);
}

/**
 * Decodes standard base64, with or without padding.
 *
 * @throws {ParseError} if the text is not base64.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return native.fromBase64?.(text) ??
      Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch (cause) {
    throw new ParseError("Cannot decode packet: binary data is not base64", {
      cause,
    });
  }
}
