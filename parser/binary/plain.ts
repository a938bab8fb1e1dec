import { isBlob, itemsOf, jsonForm, setProperty, tooDeep } from "../attachments.ts";
import { Message } from "../engine/mod.ts";
import { MAX_ARGUMENTS, tooManyArguments } from "../shape.ts";
import { filled, Place } from "./place.ts";

/** What a binary format can carry beyond the values of JSON. */
export interface Carrier {
  /** Stands for `undefined`. */
  readonly absent: unknown;
  /**
   * Returns what stands for a big integer.
   *
   * @throws {TypeError} if the format has none of that size.
   */
  bigint(value: bigint): unknown;
  /**
   * Returns what stands for an object such as a `Date`, or `undefined` if it is nothing special to
   * the format. What the object holds goes through `plain`.
   */
  special(
    value: object,
    plain: (value: unknown) => unknown,
  ): object | null | undefined;
}

/** Counts calls, so that one within another is noticed. */
let encodings = 0;

const SLAB_SIZE = 8192;
const MAX_SHARED = 1024;

let slab = new Uint8Array(0);
let used = 0;

/**
 * Encodes data as one binary frame behind `head`. What the format cannot carry becomes what
 * `JSON.stringify` makes of it: `toJSON` is called, a function in an object is left out. With a
 * `Blob` in it the message is deferred until that is read.
 *
 * @param encode returns bytes that are copied at once
 * @throws {TypeError} if the data is nested deeper than `maxDepth`, as cyclic data always is, or has
 * too many arguments.
 */
export function encodeData(
  head: readonly number[],
  data: unknown,
  maxDepth: number,
  carrier: Carrier,
  encode: (plain: unknown) => Uint8Array,
): Message {
  if (Array.isArray(data) && data.length > MAX_ARGUMENTS) throw tooManyArguments();
  const places: Place[] = [];
  const plain = new Preparation(carrier, places, false).plain(data, maxDepth);
  if (places.length === 0) {
    const body = encodeOnce(plain, encode);
    if (body !== undefined) return new Message([join(head, body)]);
  }
  // The caller may change its data while the blobs are read, so it is copied first.
  places.length = 0;
  const copy = new Preparation(carrier, places, true).plain(data, maxDepth);
  if (places.length === 0) return new Message([join(head, encode(copy))]);
  const frames = Promise.all(places.map((place) => place.read())).then(
    () => [join(head, encode(filled(copy)))],
  );
  return Message.deferred(frames, (error) => console.error(error));
}

/**
 * Encodes what no other call came between: a getter in the data may encode a packet itself, on which
 * a library that keeps one buffer stumbles. `undefined` if it did.
 */
function encodeOnce(
  plain: unknown,
  encode: (plain: unknown) => Uint8Array,
): Uint8Array | undefined {
  const call = ++encodings;
  try {
    const body = encode(plain);
    return call === encodings ? body : undefined;
  } catch (error) {
    if (call === encodings) throw error;
    return undefined;
  }
}

function join(head: readonly number[], body: Uint8Array): Uint8Array {
  const frame = allocate(head.length + body.length);
  for (let i = 0; i < head.length; i++) frame[i] = head[i] as number;
  frame.set(body, head.length);
  return frame;
}

/** Small frames share a buffer, since making one costs Deno more than filling it. */
function allocate(size: number): Uint8Array {
  if (size > MAX_SHARED) return new Uint8Array(size);
  if (used + size > slab.length) {
    slab = new Uint8Array(SLAB_SIZE);
    used = 0;
  }
  return slab.subarray(used, used += size);
}

/** Copies only what has to be changed, unless told to copy all. */
class Preparation {
  readonly #carrier: Carrier;
  readonly #places: Place[];
  readonly #copyAll: boolean;

  constructor(carrier: Carrier, places: Place[], copyAll: boolean) {
    this.#carrier = carrier;
    this.#places = places;
    this.#copyAll = copyAll;
  }

  plain(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "object":
        return value === null ? null : this.#object(value, depth);
      case "undefined":
        return this.#carrier.absent;
      case "bigint":
        return this.#carrier.bigint(value);
      case "function":
      case "symbol":
        return null;
      default:
        return value;
    }
  }

  #object(value: object, depth: number): unknown {
    if (depth === 0) throw tooDeep();
    if (Array.isArray(value)) return this.#array(value, depth - 1);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      if (isBlob(value)) return this.#place(value);
      const special = this.#carrier.special(
        value,
        (item) => this.plain(item, depth - 1),
      );
      if (special !== undefined) return this.#copyAll ? copyOf(special) : special;
    }
    const json = jsonForm(value);
    if (json !== value) return this.plain(json, depth - 1);
    if (isBoxed(value)) return this.plain(value.valueOf(), depth - 1);
    return this.#fields(value as Record<string, unknown>, depth - 1, prototype);
  }

  #place(blob: Blob): Place {
    const place = new Place(blob);
    this.#places.push(place);
    return place;
  }

  #array(array: readonly unknown[], depth: number): unknown[] {
    // The libraries would take an instance of a subclass for something else than its items.
    let copy: unknown[] | undefined = this.#copyAll || array.constructor !== Array
      ? itemsOf(array)
      : undefined;
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      if (typeof item === "string" || typeof item === "number") continue;
      const plain = this.plain(item, depth);
      if (plain !== item) (copy ??= array.slice())[i] = plain;
    }
    return copy ?? array as unknown[];
  }

  #fields(
    object: Record<string, unknown>,
    depth: number,
    prototype: unknown,
  ): object {
    const keys = Object.keys(object);
    // The libraries would take an instance of a class for something else than its fields, and tell
    // one by its `constructor`.
    let changed = this.#copyAll || prototype !== Object.prototype ||
      object.constructor !== Object;
    const values: unknown[] = [];
    for (const key of keys) {
      const value = object[key];
      const plain = typeof value === "string" || typeof value === "number"
        ? value
        : this.plain(value, depth);
      if (plain !== value) changed = true;
      values.push(plain);
    }
    if (!changed) return object;
    const copy: Record<string, unknown> = {};
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (isLeftOut(object[key])) continue;
      setProperty(copy, key, values[i]);
    }
    return copy;
  }
}

/** A copy of what a program can still change. What the format makes of it is left as it is. */
function copyOf(special: object | null): object | null {
  if (special instanceof Date) return new Date(special);
  // The method of that name of a `Buffer` copies nothing.
  if (special instanceof Uint8Array) return new Uint8Array(special);
  return ArrayBuffer.isView(special) ? (special as Uint16Array).slice() : special;
}

/** Whether `JSON.stringify` would write an object as the primitive in it. */
function isBoxed(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean ||
    value instanceof BigInt;
}

function isLeftOut(value: unknown): boolean {
  return typeof value === "function" || typeof value === "symbol";
}
