import { type Frame, Message, ParseError } from "./engine/mod.ts";

/** What can be sent as a binary attachment. */
export type Binary = ArrayBuffer | ArrayBufferView | Blob;

interface Placeholder {
  readonly _placeholder: true;
  readonly num?: unknown;
}

/** Whether a value travels as an attachment. */
export function isBinary(value: object): value is Binary {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || isBlob(value);
}

/**
 * Whether binary data stands anywhere in a value, looked for as `JSON.stringify` would see it.
 *
 * @throws {TypeError} if the value is nested deeper than `depth`, as a cyclic one always is.
 */
export function hasBinary(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (isBinary(value)) return true;
  if (depth === 0) throw tooDeep();
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "object" && item !== null && hasBinary(item, depth - 1)) return true;
    }
    return false;
  }
  if (value instanceof Date) return false;
  const json = jsonForm(value);
  if (json !== value) return hasBinary(json, depth - 1);
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (
      typeof item === "object" && item !== null && Object.hasOwn(value, key) &&
      hasBinary(item, depth - 1)
    ) return true;
  }
  return false;
}

/** Puts a placeholder where binary data stands, in a copy, and moves the data to `attachments`. */
export function detach(value: unknown, attachments: Binary[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBinary(value)) return { _placeholder: true, num: attachments.push(value) - 1 };
  if (Array.isArray(value)) return value.map((item) => detach(item, attachments));
  const json = jsonForm(value);
  if (json !== value) return detach(json, attachments);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    setProperty(copy, key, detach((value as Record<string, unknown>)[key], attachments));
  }
  return copy;
}

/**
 * Puts the attachments back where their placeholders stand, in place.
 *
 * @throws {ParseError} if a placeholder names no attachment.
 */
export function attach(value: unknown, attachments: readonly Uint8Array[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isPlaceholder(value)) {
    const { num } = value;
    const attachment = typeof num === "number" ? attachments[num] : undefined;
    if (attachment !== undefined) return attachment;
    throw new ParseError("Cannot decode packet: illegal attachment index");
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = attach(value[i], attachments);
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) setProperty(object, key, attach(object[key], attachments));
  return object;
}

/**
 * Makes a message of texts, which get their Engine.IO prefix here, and binary data. With a `Blob`
 * among them the message is deferred until it is read.
 */
export function toMessage(parts: readonly (string | Binary)[]): Message {
  if (!parts.some(isBlob)) {
    return new Message(parts.map((part) => toFrame(part as Exclude<typeof part, Blob>)));
  }
  const frames = parts.map(async (part) =>
    isBlob(part) ? new Uint8Array(await part.arrayBuffer()) : toFrame(part)
  );
  return Message.deferred(Promise.all(frames), (error) => console.error(error));
}

/** Whether a value is a `Blob`, whose bytes can only be had later. */
export function isBlob(value: unknown): value is Blob {
  return typeof Blob === "function" && value instanceof Blob;
}

/** The bytes of a binary value, without a copy where it is not a `Blob`. */
export function bytesOf(value: Exclude<Binary, Blob>): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof Uint8Array
    ? value
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function toFrame(part: string | Exclude<Binary, Blob>): Frame {
  return typeof part === "string" ? "4" + part : bytesOf(part);
}

function isPlaceholder(value: object): value is Placeholder {
  return (value as Partial<Placeholder>)._placeholder === true;
}

/** What `JSON.stringify` would write instead of an object. */
export function jsonForm(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== "function") return value;
  return toJSON.call(value);
}

/** Like an assignment, but `__proto__` becomes a plain property. */
export function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else {Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });}
}

/** The error for data that no format can carry. */
export function tooDeep(): TypeError {
  return new TypeError("Cannot encode packet: its data is cyclic or nested too deep");
}
