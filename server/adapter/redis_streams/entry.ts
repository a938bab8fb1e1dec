import { decodeBase64, encodeBase64 } from "../../../parser/engine/mod.ts";
import { decodeValue, encodeStandardValue } from "../../../parser/msgpack/mod.ts";
import type { ClusterMessage } from "../cluster/mod.ts";

/** An entry of a stream. */
export interface Entry {
  /** Where it is in its stream. */
  readonly id: string;
  /** What it says, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * The fields of the entry of a message: names and values by turns.
 *
 * @param binary whether it may hold bytes, which JSON does not carry.
 * @throws {TypeError} if it holds what cannot travel.
 */
export function toFields(message: ClusterMessage, binary: boolean): string[] {
  const { uid, nsp, type, data } = message;
  const fields = ["uid", uid, "nsp", nsp, "type", String(type)];
  if (data === undefined) return fields;
  fields.push("data", binary ? encodeBase64(encodeStandardValue(data)) : JSON.stringify(data));
  return fields;
}

/**
 * Reads the message of an entry; whether a server would have sent it is not checked.
 *
 * @throws {SyntaxError} if its data is neither JSON nor MessagePack in base64.
 */
export function fromFields(fields: ReadonlyMap<string, string>): unknown {
  const data = fields.get("data");
  return {
    uid: fields.get("uid"),
    nsp: fields.get("nsp"),
    type: Number(fields.get("type")),
    ...(data === undefined ? {} : { data: parse(data) }),
  };
}

function parse(data: string): unknown {
  return data.startsWith("{") ? JSON.parse(data) : decodeValue(decodeBase64(data));
}
