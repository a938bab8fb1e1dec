import { bytesOf, isBlob, jsonForm, setProperty, tooDeep } from "../../../parser/binary/mod.ts";
import { DEFAULT_MAX_DEPTH } from "../../../parser/mod.ts";
import { ClusterError } from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import { weightOf } from "../mod.ts";

/** A message on its way out: as a JSON text, or as a value to be cloned where a text is not enough. */
export interface Packed {
  /** The namespace that it is about. */
  readonly nsp: string;
  /** The id of the server that it is for; empty if it is for all. */
  readonly to: string;
  /** The text. */
  readonly text: string | undefined;
  /** The value, if there is no text. Nobody else has it. */
  readonly value: unknown;
  /** About how many bytes it takes. */
  readonly weight: number;
}

// What carries an event has levels of its own.
const MAX_DEPTH = DEFAULT_MAX_DEPTH + 8;

const HEAD = 64;

/**
 * Makes of a message what can travel, at once, since the caller may change it later. `undefined`,
 * dates and binary data are kept; what is not plain data otherwise becomes what `JSON.stringify`
 * makes of it.
 *
 * @throws {TypeError} if it is nested too deep, as cyclic data is, or holds a big integer or a `Blob`.
 */
export function pack(nsp: string, to: string, message: object): Packed {
  if (isJson(message, MAX_DEPTH)) {
    const text = JSON.stringify(message);
    return { nsp, to, text, value: undefined, weight: HEAD + 2 * text.length };
  }
  const value = copyOf(message, MAX_DEPTH);
  return { nsp, to, text: undefined, value, weight: HEAD + weightOf(value) };
}

/**
 * The message that came.
 *
 * @throws {ClusterError} if it is a text but no JSON.
 */
export function unpack(message: unknown): unknown {
  if (typeof message !== "string") return message;
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw new ClusterError(`Cannot read cluster message: it is no JSON: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** Whether a value survives as a JSON text. What is too deep does not. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      return value === null || (depth > 0 && holdsJson(value, depth - 1));
    default:
      return false;
  }
}

function holdsJson(value: object, depth: number): boolean {
  if ("toJSON" in value) return false;
  if (Array.isArray(value)) {
    // Not by `every`, which passes over places where nothing is.
    for (let i = 0; i < value.length; i++) if (!isJson(value[i], depth)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((item) => isJson(item, depth));
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") {
    throw new TypeError("Cannot encode packet: big integers do not travel between threads");
  }
  if (typeof value === "function" || typeof value === "symbol") return null;
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) throw tooDeep();
  return copyOfObject(value, depth - 1);
}

function copyOfObject(value: object, depth: number): unknown {
  if (Array.isArray(value)) {
    return Array.from({ length: value.length }, (_, i) => copyOf(value[i], depth));
  }
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return new Uint8Array(bytesOf(value));
  }
  if (isBlob(value)) throw new TypeError("Cannot encode packet: a Blob must be read first");
  const json = jsonForm(value);
  if (json !== value) return copyOf(json, depth);
  if (isBoxed(value)) return copyOf(value.valueOf(), depth);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === "function" || typeof item === "symbol") continue;
    setProperty(copy, key, copyOf(item, depth));
  }
  return copy;
}

/** Whether `JSON.stringify` would write an object as the primitive in it. */
function isBoxed(value: object): boolean {
  return value instanceof Number || value instanceof String || value instanceof Boolean ||
    value instanceof BigInt;
}
