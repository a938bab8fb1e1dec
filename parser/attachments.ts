import { type Frame, Message, ParseError } from "./engine/mod.ts";

/** What can be sent as a binary attachment. */
export type Binary = ArrayBuffer | ArrayBufferView | Blob;

const { hasOwnProperty } = Object.prototype;

interface Placeholder {
  readonly _placeholder: true;
  readonly num?: unknown;
}

/** Whether a value travels as an attachment. */
export function isBinary(value: object): value is Binary {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer ||
    isBlob(value);
}

/**
 * Whether values, nested no deeper than `depth`, may hold binary data, looked for as
 * `JSON.stringify` would see it. Takes no memory, and says yes where it would have to go deeper.
 */
export function mayHoldBinary(values: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === "object" && value !== null && mayBeOrHold(value, depth - 1)) return true;
  }
  return false;
}

function mayBeOrHold(value: object, depth: number): boolean {
  if (depth <= 0) return true;
  if (Array.isArray(value)) return mayHoldBinary(value, depth);
  // Cheaper than to ask for the prototype.
  if (value.constructor !== Object) {
    if (isBinary(value)) return true;
    if (value instanceof Date) return false;
  }
  const json = jsonForm(value);
  if (json !== value) {
    return typeof json === "object" && json !== null && mayBeOrHold(json, depth - 1);
  }
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    const item = fields[key];
    if (typeof item !== "object" || item === null || !hasOwnProperty.call(fields, key)) continue;
    if (mayBeOrHold(item, depth - 1)) return true;
  }
  return false;
}

/**
 * Puts a placeholder where binary data stands, looked for as `JSON.stringify` would see it, and
 * appends the data to `frames`, behind the place of the text. What holds binary data is copied;
 * without any, the value itself is returned.
 *
 * What only looks like a placeholder loses its key `_placeholder`, in a copy as well: there is no
 * way to write it so that the peer does not take it for one.
 *
 * @throws {TypeError} if the value is nested deeper than `depth`, as a cyclic one always is.
 */
export function detach(
  value: object,
  frames: (string | Binary)[],
  depth: number,
): unknown {
  if (Array.isArray(value)) return detachItems(value, frames, depth);
  if (isPlain(value)) return detachFields(value, frames, depth);
  if (isBinary(value)) return placeholderOf(value, frames, depth);
  if (value instanceof Date) return value;
  return detachFields(value as Record<string, unknown>, frames, depth);
}

function detachItems(
  array: unknown[],
  frames: (string | Binary)[],
  depth: number,
): unknown {
  if (depth === 0) throw tooDeep();
  let copy: unknown[] | undefined;
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item !== "object" || item === null) continue;
    // Where there is binary data there is often more of it, and little else.
    const detached = ArrayBuffer.isView(item)
      ? placeholderOf(item, frames, depth - 1)
      : detach(item, frames, depth - 1);
    if (detached !== item) (copy ??= itemsOf(array))[i] = detached;
  }
  return copy ?? array;
}

/** A plain copy of an array; neither the constructor of a subclass is asked nor its iterator. */
export function itemsOf(array: readonly unknown[]): unknown[] {
  const { constructor } = array;
  if (constructor === Array) return array.slice();
  return Array.from({ length: array.length }, (_, i) => array[i]);
}

function detachFields(
  object: Record<string, unknown>,
  frames: (string | Binary)[],
  depth: number,
): unknown {
  if (depth === 0) throw tooDeep();
  const json = jsonForm(object);
  if (json !== object) return detachJson(object, json, frames, depth);
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const item = object[key];
    if (item === true && key === "_placeholder") delete (copy ??= { ...object })[key];
    if (
      typeof item !== "object" || item === null || !hasOwnProperty.call(object, key)
    ) continue;
    const detached = ArrayBuffer.isView(item)
      ? placeholderOf(item, frames, depth - 1)
      : detach(item, frames, depth - 1);
    if (detached !== item) setProperty(copy ??= { ...object }, key, detached);
  }
  return copy ?? object;
}

/** The placeholder is a level more. */
function placeholderOf(data: Binary, frames: (string | Binary)[], depth: number): Placeholder {
  if (depth === 0) throw tooDeep();
  return { _placeholder: true, num: frames.push(data) - 2 };
}

function detachJson(
  object: object,
  json: unknown,
  frames: (string | Binary)[],
  depth: number,
): unknown {
  if (typeof json !== "object" || json === null) return object;
  const detached = detach(json, frames, depth - 1);
  return detached === json ? object : detached;
}

/**
 * Puts the attachments back where their placeholders stand, in place.
 *
 * @throws {ParseError} if a placeholder names no attachment.
 */
export function attach(value: object, attachments: readonly Uint8Array[]): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item !== "object" || item === null) continue;
      if (isPlaceholder(item)) value[i] = attachmentFor(item, attachments);
      else attach(item, attachments);
    }
    return;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    const item = object[key];
    if (typeof item !== "object" || item === null || !hasOwnProperty.call(object, key)) continue;
    if (isPlaceholder(item)) setProperty(object, key, attachmentFor(item, attachments));
    else attach(item, attachments);
  }
}

function attachmentFor({ num }: Placeholder, attachments: readonly Uint8Array[]): Uint8Array {
  const attachment = typeof num === "number" ? attachments[num] : undefined;
  if (attachment !== undefined) return attachment;
  throw new ParseError("Cannot decode packet: illegal attachment index");
}

/** Makes a message of a text, which has its Engine.IO prefix, and the data behind it. */
export function attachedMessage(frames: (string | Binary)[]): Message {
  for (let i = 1; i < frames.length; i++) {
    if (!(frames[i] instanceof Uint8Array)) return messageOf(frames);
  }
  return new Message(frames as Frame[]);
}

/**
 * Makes a message of texts, which get their Engine.IO prefix here, and binary data. With a `Blob`
 * among them the message is deferred until it is read.
 */
export function toMessage(parts: readonly (string | Binary)[]): Message {
  return messageOf(parts.map((part) => typeof part === "string" ? "4" + part : part));
}

function messageOf(parts: readonly (string | Binary)[]): Message {
  if (!parts.some(isBlob)) return new Message(parts.map(toFrame));
  // The caller may change its data while the blobs are read, so it is copied first.
  const frames = parts.map(async (part) =>
    typeof part === "string"
      ? part
      : new Uint8Array(isBlob(part) ? await part.arrayBuffer() : bytesOf(part))
  );
  return Message.deferred(Promise.all(frames), (error) => console.error(error));
}

function toFrame(part: string | Binary): Frame {
  return typeof part === "string" ? part : bytesOf(part as Exclude<Binary, Blob>);
}

/** Whether a value is a `Blob`, whose bytes can only be had later. */
export function isBlob(value: unknown): value is Blob {
  return !(value instanceof Uint8Array) && typeof Blob === "function" &&
    value instanceof Blob;
}

/** The bytes of a binary value, without a copy where it is not a `Blob`. */
export function bytesOf(value: Exclude<Binary, Blob>): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function isPlain(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function isPlaceholder(value: object): value is Placeholder {
  return (value as Partial<Placeholder>)._placeholder === true;
}

/** What `JSON.stringify` would write instead of an object. */
export function jsonForm(value: object): unknown {
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON !== "function") return value;
  const json: unknown = toJSON.call(value);
  if (!wouldBeAsked(json)) return json;
  // `JSON.stringify` asks once, and an object may well return another of its kind.
  const { toJSON: _asked, ...fields } = json;
  return fields;
}

function wouldBeAsked(json: unknown): json is { toJSON: unknown } {
  return typeof json === "object" && json !== null && "toJSON" in json &&
    typeof json.toJSON === "function" && !Array.isArray(json) && !isBinary(json) &&
    !(json instanceof Date);
}

/** Like an assignment, but `__proto__` becomes a plain property. */
export function setProperty(
  object: Record<string, unknown>,
  key: string,
  value: unknown,
): void {
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
  return new TypeError(
    "Cannot encode packet: its data is cyclic or nested too deep",
  );
}
