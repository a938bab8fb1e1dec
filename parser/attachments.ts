import { type Frame, Message, ParseError } from "./engine/mod.ts";

/** What can be sent as a binary attachment. */
export type Binary = ArrayBuffer | ArrayBufferView | Blob;

const { hasOwnProperty } = Object.prototype;

interface Placeholder {
  readonly _placeholder: true;
  readonly num?: unknown;
}

/** The first of them; nobody sees these objects but `JSON.stringify`. */
const PLACEHOLDERS: readonly Placeholder[] = Array.from({ length: 32 }, (_, num) => {
  return { _placeholder: true, num };
});

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

/** What was detached. */
export interface Detached {
  /** The place of the text and the data behind it, once there is any. */
  frames: (string | Binary)[] | undefined;
}

/**
 * Puts a placeholder where binary data stands, looked for as `JSON.stringify` would see it, and
 * appends the data to `found`. What holds binary data is copied; without any, the value itself is
 * returned.
 *
 * What only looks like a placeholder loses its key `_placeholder`, in a copy as well: there is no
 * way to write it so that the peer does not take it for one.
 *
 * @throws {TypeError} if the value is nested deeper than `depth`, as a cyclic one always is.
 */
export function detach(array: readonly unknown[], found: Detached, depth: number): unknown {
  if (depth === 0) throw tooDeep();
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item !== "object" || item === null) continue;
    const detached = ArrayBuffer.isView(item)
      ? placeholderOf(item, found, depth - 1)
      : detachValue(item, found, depth - 1);
    if (detached !== item) return detachItems(array, i, detached, found, depth);
  }
  return array;
}

/** Copies an array with the first item that changes, and goes on behind it. */
function detachItems(
  array: readonly unknown[],
  first: number,
  changed: unknown,
  found: Detached,
  depth: number,
): unknown[] {
  // The commonest is an event with one argument, and a literal is the fastest copy.
  const copy = array.length === 2 ? [array[0], array[1]] : itemsOf(array);
  copy[first] = changed;
  for (let i = first + 1; i < copy.length; i++) {
    const item = copy[i];
    if (typeof item !== "object" || item === null) continue;
    copy[i] = ArrayBuffer.isView(item)
      ? placeholderOf(item, found, depth - 1)
      : detachValue(item, found, depth - 1);
  }
  return copy;
}

/** A plain copy of an array; neither the constructor of a subclass is asked nor its iterator. */
export function itemsOf(array: readonly unknown[]): unknown[] {
  const { constructor } = array;
  if (constructor === Array) return array.slice();
  return Array.from({ length: array.length }, (_, i) => array[i]);
}

function detachValue(value: object, found: Detached, depth: number): unknown {
  if (Array.isArray(value)) return detach(value, found, depth);
  // Cheaper than to ask for the prototype.
  if (value.constructor !== Object) {
    if (isBinary(value)) return placeholderOf(value, found, depth);
    if (value instanceof Date) return value;
  }
  if (depth === 0) throw tooDeep();
  const json = jsonForm(value);
  if (json !== value) return detachJson(value, json, found, depth);
  const object = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const item = object[key];
    if (typeof item !== "object") {
      if (item === true && key === "_placeholder") copy = unforged(copy ?? object);
      continue;
    }
    if (item === null || !hasOwnProperty.call(object, key)) continue;
    const detached = ArrayBuffer.isView(item)
      ? placeholderOf(item, found, depth - 1)
      : detachValue(item, found, depth - 1);
    if (detached !== item) setProperty(copy ??= { ...object }, key, detached);
  }
  return copy ?? object;
}

function unforged(object: Record<string, unknown>): Record<string, unknown> {
  const { _placeholder: _forged, ...fields } = object;
  return fields;
}

/** The placeholder is a level more. */
function placeholderOf(data: Binary, found: Detached, depth: number): Placeholder {
  if (depth === 0) throw tooDeep();
  const { frames } = found;
  if (frames !== undefined) return placeholder(frames.push(data) - 2);
  // Begun with both, as a list of one that grows at once is slow in either engine.
  found.frames = ["", data];
  return placeholder(0);
}

function placeholder(num: number): Placeholder {
  return PLACEHOLDERS[num] ?? { _placeholder: true, num };
}

function detachJson(
  object: object,
  json: unknown,
  found: Detached,
  depth: number,
): unknown {
  if (typeof json !== "object" || json === null) return object;
  const detached = detachValue(json, found, depth - 1);
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
