import type { Binary, Decoder, Packet } from "../parser/mod.ts";
import { toMessage } from "./engine/mod.ts";
import type { PacketFormat } from "./options.ts";
import { isReserved } from "./reserved.ts";

// Type and number of attachments, or type; namespace; id. Types 5 and 6 are 2 and 3 with those.
const HEAD = /^(?:([56])(\d+)-|([0-4]))(?:(\/[^,]*),?)?(\d+)?/;
const BINARY_OFFSET = 3;
const MAX_DEPTH = 999;
// As the server has it.
const MAX_ARGUMENTS = 32_000;

/**
 * The text format, written for a small bundle. It is what `jsonParser` speaks, without the limits
 * that protect a server from its clients.
 */
export const textParser: PacketFormat = {
  encode(packet) {
    const { type, nsp, data, id = "" } = packet as PacketFields;
    const attachments: Binary[] = [];
    const detached = detach(data, attachments, 0);
    const { length } = attachments;
    const json = JSON.stringify(length ? detached : data) ?? "";
    const head = length ? `${type + BINARY_OFFSET}${length}-` : type;
    const text = `4${head}${nsp === "/" ? "" : nsp + ","}${id}${json}`;
    return length ? toMessage([text, ...attachments]) : { frames: [text] };
  },
  decoder,
};

interface PacketFields {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number;
}

function decoder(): Decoder {
  let packet: PacketFields | undefined;
  let missing = 0;
  let attachments: Binary[] = [];
  return {
    decode(frame) {
      // A text begins a packet, and binary data belongs to one that has begun.
      if (typeof frame === "string" && !packet) {
        const [head = "", binary, count, plain, nsp = "/", id] = HEAD.exec(frame) ?? [];
        const json = frame.slice(head.length);
        missing = Number(count ?? 0);
        attachments = [];
        packet = {
          type: Number(plain ?? Number(binary) - BINARY_OFFSET),
          nsp,
          data: json ? JSON.parse(json) : undefined,
          ...id && { id: Number(id) },
        };
        if (!isValid(packet)) throw failure("invalid payload");
      } else if (typeof frame !== "string" && packet) {
        attachments.push(frame as Uint8Array<ArrayBuffer>);
      } else throw failure("frame out of turn");
      if (attachments.length < missing) return undefined;
      const { data } = packet;
      const complete = missing ? { ...packet, data: attach(data, attachments) } : packet;
      packet = undefined;
      return complete as Packet;
    },
  };
}

/** Whether the data is that of a connect (0), disconnect (1), event (2), ack (3) or refusal (4). */
function isValid({ type, data }: PacketFields): boolean {
  if (type === 2 || type === 3) return Array.isArray(data) && (type === 3 || isName(data[0]));
  // Some servers refuse with a mere text.
  return type < 5 && (type === 1 || typeof data === (type ? "string" : "undefined") ||
    typeof data === "object" && !!data);
}

function isName(name: unknown): boolean {
  return typeof name === "number" || typeof name === "string" && !isReserved(name);
}

/**
 * Puts placeholders where binary data stands, looked for as `JSON.stringify` would see it. What only
 * looks like one loses its key: beside binary data, the server would take it for one.
 */
function detach(value: unknown, attachments: Binary[], depth: number, asked = false): unknown {
  if (typeof value !== "object" || !value) return value;
  if (depth > MAX_DEPTH || (!depth && Array.isArray(value) && value.length > MAX_ARGUMENTS)) {
    throw new TypeError("Cannot encode packet: cyclic, too deep or too long");
  }
  if (!Array.isArray(value)) {
    if (isBinary(value)) return { _placeholder: true, num: attachments.push(value) - 1 };
    const { toJSON, _placeholder } = value as { toJSON?: unknown; _placeholder?: unknown };
    if (typeof toJSON === "function") {
      if (!asked) return detach(toJSON.call(value), attachments, depth + 1, true);
      // `JSON.stringify` asks once, and an object may well return another of its kind.
      value = { ...value, toJSON: undefined };
    }
    if (_placeholder === true) value = { ...value as object, _placeholder: undefined };
  }
  return map(detach, value as object, attachments, depth + 1);
}

/** Puts attachments where their placeholders stand. */
function attach(value: unknown, attachments: Binary[]): unknown {
  if (typeof value !== "object" || !value) return value;
  const { _placeholder, num } = value as { _placeholder?: unknown; num: number };
  if (_placeholder !== true) return map(attach, value, attachments, 0);
  if (!attachments.at(num)) throw failure("missing attachment");
  return attachments.at(num);
}

/** Changes the parts of a value; an object that has none that changes is not copied. */
function map(change: typeof detach, value: object, attachments: Binary[], depth: number): object {
  if (Array.isArray(value)) return Array.from(value, (item) => change(item, attachments, depth));
  const fields = value as Record<string, unknown>;
  let copy = fields;
  for (const key of Object.keys(fields)) {
    const item = change(fields[key], attachments, depth);
    if (item === fields[key]) continue;
    if (copy === fields) copy = { ...fields };
    copy[key] = item;
  }
  return copy;
}

function isBinary(value: unknown): value is Binary {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;
}

function failure(what: string): SyntaxError {
  return new SyntaxError(`Cannot decode packet: ${what}`);
}
