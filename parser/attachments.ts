import { type Frame, Message, ParseError } from "./engine/mod.ts";

/** What can be sent as a binary attachment. */
export type Binary = ArrayBuffer | ArrayBufferView | Blob;

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
 * Puts a placeholder where binary data stands, looked for as `JSON.stringify` would see it, and
 * moves the data to `attachments`. What holds binary data is copied; without any, the value itself
 * is returned.
 *
 * @throws {TypeError} if the value is nested deeper than `depth`, as a cyclic one always is.
 */
export function detach(
  value: object,
  attachments: Binary[],
  depth: number,
): unknown {
  if (Array.isArray(value)) return detachItems(value, attachments, depth);
  if (isPlain(value)) return detachFields(value, attachments, depth);
  if (isBinary(value)) {
    return { _placeholder: true, num: attachments.push(value) - 1 };
  }
  if (value instanceof Date) return value;
  return detachFields(value as Record<string, unknown>, attachments, depth);
}

function detachItems(
  array: unknown[],
  attachments: Binary[],
  depth: number,
): unknown {
  if (depth === 0) throw tooDeep();
  let copy: unknown[] | undefined;
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (typeof item !== "object" || item === null) continue;
    // Where there is binary data there is often more of it, and little else.
    const detached = ArrayBuffer.isView(item)
      ? { _placeholder: true, num: attachments.push(item) - 1 }
      : detach(item, attachments, depth - 1);
    if (detached !== item) (copy ??= array.slice())[i] = detached;
  }
  return copy ?? array;
}

function detachFields(
  object: Record<string, unknown>,
  attachments: Binary[],
  depth: number,
): unknown {
  if (depth === 0) throw tooDeep();
  const json = jsonForm(object);
  if (json !== object) return detachJson(object, json, attachments, depth);
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const item = object[key];
    if (
      typeof item !== "object" || item === null || !Object.hasOwn(object, key)
    ) continue;
    const detached = detach(item, attachments, depth - 1);
    if (detached !== item) setProperty(copy ??= { ...object }, key, detached);
  }
  return copy ?? object;
}

function detachJson(
  object: object,
  json: unknown,
  attachments: Binary[],
  depth: number,
): unknown {
  if (typeof json !== "object" || json === null) return object;
  const detached = detach(json, attachments, depth - 1);
  return detached === json ? object : detached;
}

/**
 * Puts the attachments back where their placeholders stand, in place.
 *
 * @throws {ParseError} if a placeholder names no attachment.
 */
export function attach(
  value: unknown,
  attachments: readonly Uint8Array[],
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isPlaceholder(value)) {
    const { num } = value;
    const attachment = typeof num === "number" ? attachments[num] : undefined;
    if (attachment !== undefined) return attachment;
    throw new ParseError("Cannot decode packet: illegal attachment index");
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === "object") value[i] = attach(item, attachments);
    }
    return value;
  }
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) {
    const item = object[key];
    const attached = attach(item, attachments);
    if (attached !== item) setProperty(object, key, attached);
  }
  return object;
}

/** Makes a message of one text, which gets its Engine.IO prefix here, and the data behind it. */
export function attachedMessage(text: string, attachments: readonly Binary[]): Message {
  const frames = new Array<Frame>(attachments.length + 1);
  frames[0] = "4" + text;
  for (let i = 0; i < attachments.length; i++) {
    const attachment = attachments[i] as Binary;
    if (attachment instanceof Uint8Array) frames[i + 1] = attachment;
    else if (isBlob(attachment)) return readBlobs([text, ...attachments]);
    else frames[i + 1] = bytesOf(attachment);
  }
  return new Message(frames);
}

/**
 * Makes a message of texts, which get their Engine.IO prefix here, and binary data. With a `Blob`
 * among them the message is deferred until it is read.
 */
export function toMessage(parts: readonly (string | Binary)[]): Message {
  const frames = new Array<Frame>(parts.length);
  for (let i = 0; i < parts.length; i++) {
    const frame = toFrame(parts[i] as string | Binary);
    if (frame === undefined) return readBlobs(parts);
    frames[i] = frame;
  }
  return new Message(frames);
}

function readBlobs(parts: readonly (string | Binary)[]): Message {
  const frames = parts.map(async (part) =>
    toFrame(part) ?? new Uint8Array(await (part as Blob).arrayBuffer())
  );
  return Message.deferred(Promise.all(frames), (error) => console.error(error));
}

/** The frame, `undefined` for a `Blob`. */
function toFrame(part: string | Binary): Frame | undefined {
  if (part instanceof Uint8Array) return part;
  if (typeof part === "string") return "4" + part;
  return isBlob(part) ? undefined : bytesOf(part);
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
  return toJSON.call(value);
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
