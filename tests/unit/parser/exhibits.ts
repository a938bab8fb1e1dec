/** Packets with the frames that each runtime must make of them and make them of, in hexadecimal. */
import { cborParser } from "../../../parser/cbor/mod.ts";
import { jsonParser, type Packet, type Parser } from "../../../parser/mod.ts";
import { msgpackParser } from "../../../parser/msgpack/mod.ts";
import { randomPacket, seeded } from "./random.ts";

const PARSERS: Readonly<Record<string, Parser>> = { jsonParser, msgpackParser, cborParser };

const RICH: readonly unknown[] = [
  undefined,
  NaN,
  -0,
  new Date(1_700_000_000_123),
  new Date(NaN),
  Uint8Array.of(1, 2),
  Uint8Array.of(3).buffer,
  new DataView(Uint8Array.of(4, 5).buffer),
  Uint16Array.of(1, 2),
  Uint8ClampedArray.of(9),
  { a: undefined, ["__proto__"]: 1 },
  "é😀",
];
const CBOR_ONLY: readonly unknown[] = [
  5n,
  -(2n ** 70n),
  new Map<unknown, unknown>([[1, new Set(["x"])]]),
  Float64Array.of(0.1),
  BigInt64Array.of(-1n),
];

/** What this runtime makes of each packet: frames, what it reads of them, written again. */
export function exhibits(): string[] {
  const random = seeded(7);
  const plain = Array.from({ length: 200 }, () => randomPacket(random, () => Uint8Array.of(1, 2)));
  return Object.entries(PARSERS).flatMap(([name, parser]) => {
    const rich = name === "cborParser" ? [...RICH, ...CBOR_ONLY] : RICH;
    const packets: Packet[] = [
      { type: 2, nsp: "/", data: ["rich", ...rich] },
      ...plain,
    ];
    return packets.map((packet) => `${name}: ${write(parser, packet)}`);
  });
}

function write(parser: Parser, packet: Packet): string {
  const { frames } = parser.encode(packet);
  const decoder = parser.decoder();
  let decoded: Packet | undefined;
  for (const frame of frames) {
    decoded = decoder.decode(typeof frame === "string" ? frame.slice(1) : frame);
  }
  return frames.map(show).join(" ") + " = " + describe(decoded);
}

function show(frame: string | Uint8Array): string {
  if (typeof frame === "string") return frame;
  return Array.from(frame, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A text that tells every type apart. */
function describe(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : `${value}`;
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (value instanceof Date) return `Date(${value.getTime()})`;
  const items = ArrayBuffer.isView(value) || Array.isArray(value) || value instanceof Map ||
      value instanceof Set
    ? Array.from(value as unknown as Iterable<unknown>, describe)
    : Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, item]) => `${JSON.stringify(key)}: ${describe(item)}`);
  return `${name}{${items.join(", ")}}`;
}
