import { type Binary, detach, isBinary, jsonForm } from "./attachments.ts";

/*
 * How arguments with binary data become a text. To copy them, with placeholders, for `JSON.stringify`
 * takes longer than that itself. So the levels above the data, most often one or two, are written
 * here, to the letter as `JSON.stringify` writes them, and only what lies deeper is copied.
 */

const LEVELS = 3;
const { hasOwnProperty } = Object.prototype;
// Longer ones are written faster by `JSON.stringify`.
const LONGEST_TEXT = 40;
const LONGEST_ARRAY = 64;

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;

/**
 * Whether values, nested no deeper than `depth`, may hold binary data, looked for as
 * `JSON.stringify` would see it. Takes no memory. Says yes as well where that is deeper, or inherited.
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
    if (ArrayBuffer.isView(value) || isBinary(value)) return true;
    if (value instanceof Date) return false;
  }
  const json = jsonForm(value);
  if (json !== value) {
    return typeof json === "object" && json !== null && mayBeOrHold(json, depth - 1);
  }
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    const item = fields[key];
    if (typeof item === "object" && item !== null && mayBeOrHold(item, depth - 1)) return true;
  }
  return false;
}

/**
 * The text of a value. The binary data in it is appended to `frames`, behind the place of the text,
 * and a placeholder stands for it. Returns `undefined` where `JSON.stringify` does.
 *
 * @throws {TypeError} if the value is nested deeper than `depth`, as a cyclic one always is.
 */
export function textWithPlaceholders(
  value: unknown,
  frames: (string | Binary)[],
  depth: number,
  levels: number = LEVELS,
): string | undefined {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return `${value}`;
  if (typeof value !== "object") return JSON.stringify(value);
  if (levels > 0 && depth > 0) {
    if (Array.isArray(value)) {
      if (value.length <= LONGEST_ARRAY) return arrayText(value, frames, depth, levels);
    } else if (value.constructor !== Object) {
      if (isBinary(value)) return '{"_placeholder":true,"num":' + (frames.push(value) - 2) + "}";
    } else if (isPlain(value)) return objectText(value, frames, depth, levels);
  }
  return JSON.stringify(detach(value, frames, depth));
}

function arrayText(
  array: readonly unknown[],
  frames: (string | Binary)[],
  depth: number,
  levels: number,
): string {
  let text = "[";
  for (let i = 0; i < array.length; i++) {
    if (i > 0) text += ",";
    text += textWithPlaceholders(array[i], frames, depth - 1, levels - 1) ?? "null";
  }
  return text + "]";
}

function objectText(
  object: Record<string, unknown>,
  frames: (string | Binary)[],
  depth: number,
  levels: number,
): string {
  let text = "";
  for (const key in object) {
    if (!hasOwnProperty.call(object, key)) continue;
    const item = textWithPlaceholders(object[key], frames, depth - 1, levels - 1);
    if (item !== undefined) text += (text === "" ? "{" : ",") + quoted(key) + ":" + item;
  }
  return text === "" ? "{}" : text + "}";
}

function quoted(text: string): string {
  if (text.length > LONGEST_TEXT) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < SPACE || code === QUOTE || code === BACKSLASH || code >= FIRST_SURROGATE) {
      return JSON.stringify(text);
    }
  }
  return '"' + text + '"';
}

function isPlain(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype &&
    typeof (value as { toJSON?: unknown }).toJSON !== "function";
}
