import type { EventData, Packet } from "../../../parser/mod.ts";

/** A repeatable source of numbers from 0 to below 1. */
export type Random = () => number;

/** The mulberry32 generator. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to below `end`. */
export function int(random: Random, end: number): number {
  return Math.floor(random() * end);
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[int(random, items.length)] as T;
}

/** Values that only some formats carry unchanged. */
export type Extra = (random: Random) => unknown;

const STRINGS = [
  "",
  "a",
  "text",
  "é",
  "日本",
  "😀",
  "\0\x1e",
  '"\\',
  "42[]",
  "__proto__",
  "x".repeat(40),
  "ü".repeat(130),
];
const KEYS = [
  "a",
  "type",
  "data",
  "_placeholder",
  "num",
  "constructor",
  "__proto__",
  "toString",
];
const NUMBERS = [
  0,
  1,
  -1,
  23,
  24,
  255,
  256,
  -129,
  65536,
  2 ** 31,
  -(2 ** 31),
  2 ** 40,
  -(2 ** 45),
];

export function randomValue(
  random: Random,
  depth: number,
  extra: Extra,
): unknown {
  switch (int(random, depth === 0 ? 7 : 10)) {
    case 0:
      return null;
    case 1:
      return random() < 0.5;
    case 2:
      return pick(random, NUMBERS);
    case 3:
      return (random() - 0.5) * 1e6;
    case 4:
      return pick(random, STRINGS);
    case 5:
      return extra(random);
    case 6:
      return int(random, 1000);
    case 7:
      return Array.from(
        { length: int(random, 5) },
        () => randomValue(random, depth - 1, extra),
      );
    default:
      return randomObject(random, depth - 1, extra);
  }
}

function randomObject(random: Random, depth: number, extra: Extra): object {
  const object = {};
  for (let left = int(random, 5); left > 0; left--) {
    const value = randomValue(random, depth, extra);
    const key = pick(random, KEYS);
    // What looks like a placeholder is the one thing that the text format does not keep.
    if (key === "_placeholder" && value === true) continue;
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

export function randomPacket(random: Random, extra: Extra): Packet {
  const nsp = pick(random, ["/", "/", "/", "/admin", "/ünï/x"]);
  const list = () => Array.from({ length: int(random, 4) }, () => randomValue(random, 3, extra));
  const id = pick(random, [0, 1, 77, 2 ** 31, 2 ** 33 + 1]);
  switch (int(random, 8)) {
    case 0:
      return random() < 0.5
        ? { type: 0, nsp }
        : { type: 0, nsp, data: randomObject(random, 2, noExtra) };
    case 1:
      return { type: 1, nsp };
    case 2:
      return { type: 4, nsp, data: { message: pick(random, STRINGS) } };
    case 3:
    case 4:
      return { type: 3, nsp, data: list(), id };
    default: {
      const data: EventData = [
        pick(random, ["e", "message", 7, "", "connection"]),
        ...list(),
      ];
      return random() < 0.5 ? { type: 2, nsp, data } : { type: 2, nsp, data, id };
    }
  }
}

function noExtra(): unknown {
  return "none";
}

/** Changes a few bytes or characters of a frame: another value, one less, one more, cut off. */
export function mutate(
  random: Random,
  frame: string | Uint8Array,
): string | Uint8Array {
  const isText = typeof frame === "string";
  const units = isText ? Array.from(frame, (c) => c.charCodeAt(0)) : Array.from(frame);
  for (let left = 1 + int(random, 3); left > 0; left--) {
    const at = int(random, units.length + 1);
    const unit = isText ? pick(random, TEXT_UNITS) : int(random, 256);
    switch (int(random, 5)) {
      case 0:
        units.splice(at, 1);
        break;
      case 1:
        units.splice(at, 0, unit);
        break;
      case 2:
        units.splice(
          at,
          units.length,
          ...units.slice(0, int(random, units.length + 1)),
        );
        break;
      default:
        units[Math.min(at, Math.max(units.length - 1, 0))] = unit;
    }
  }
  return isText ? String.fromCharCode(...units) : Uint8Array.from(units);
}

const TEXT_UNITS = Array.from(
  '0123456789-/,?[]{}":.eE+_ntf\\ \x1e\0\ud800',
  (c) => c.charCodeAt(0),
);
