import type { Binary, Decoder, Frame, Packet } from "../parser/mod.ts";
import { toMessage } from "./engine/mod.ts";
import type { PacketFormat } from "./options.ts";
import { isReserved } from "./reserved.ts";

// Type, attachments, namespace, id, data. Types 5 and 6 are 2 and 3 with attachments.
const PACKET = /^([0-6])(?:(\d+)-)?(?:(\/[^,?]*)[^,]*,?)?(\d+)?(.*)$/s;
const BINARY_OFFSET = 3;

/**
 * The text format, written for a small bundle. It is what `jsonParser` speaks, without the limits
 * that protect a server from its clients.
 */
export const textParser: PacketFormat = {
  encode({ type, nsp, ...rest }) {
    const { data, id = "" } = rest as { data?: unknown; id?: number };
    const attachments: Binary[] = [];
    const json = JSON.stringify(data, detach(attachments)) ?? "";
    const { length } = attachments;
    const head = length ? `4${type + BINARY_OFFSET}${length}-` : `4${type}`;
    return toMessage([`${head}${nsp === "/" ? "" : nsp + ","}${id}${json}`, ...attachments]);
  },
  decoder,
};

function decoder(): Decoder {
  let fields: readonly string[] | undefined;
  let attachments: Frame[] = [];
  return {
    decode(frame) {
      // A text begins a packet, and binary data belongs to one that has begun.
      if (typeof frame !== "string" && fields) attachments.push(frame);
      else if (typeof frame === "string" && !fields) {
        fields = PACKET.exec(frame) ?? [];
        attachments = [];
      } else throw failure("frame out of turn");
      const [, , count = 0] = fields;
      if (attachments.length < Number(count)) return undefined;
      const packet = build(fields, attachments);
      fields = undefined;
      return packet;
    },
  };
}

function build(fields: readonly string[], attachments: readonly Frame[]): Packet {
  const [, type, count, nsp = "/", id, json] = fields;
  const attach = (_key: string, value: unknown) => {
    const { _placeholder, num } = Object(value) as { _placeholder?: unknown; num: number };
    if (_placeholder !== true) return value;
    const attachment = attachments.at(num);
    if (attachment) return attachment;
    throw failure("missing attachment");
  };
  const packet = {
    type: Number(type) - (count ? BINARY_OFFSET : 0),
    nsp,
    data: json ? JSON.parse(json, count ? attach : undefined) : undefined,
    ...id && { id: Number(id) },
  } as Packet;
  if (isValid(packet)) return packet;
  throw failure("invalid payload");
}

/** Whether the data is that of a connect (0), disconnect (1), event (2), ack (3) or refusal (4). */
function isValid(packet: Packet): boolean {
  const { type, data } = packet as { type: number; data?: unknown };
  return type === 2 || type === 3
    ? Array.isArray(data) && !(type === 2 && isReserved(data[0]))
    : type < 5 && (!data || typeof data === "object");
}

function isBinary(value: unknown): value is Binary {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) || value instanceof Blob;
}

/** A replacer that sees values before their `toJSON`, which a Buffer has. */
function detach(attachments: Binary[]) {
  return function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    const original = this[key];
    const binary = isBinary(original) ? original : value;
    return isBinary(binary) ? { _placeholder: true, num: attachments.push(binary) - 1 } : value;
  };
}

function failure(what: string): SyntaxError {
  return new SyntaxError(`Cannot decode packet: ${what}`);
}
