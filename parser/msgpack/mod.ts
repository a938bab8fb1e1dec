/**
 * Socket.IO packets in MessagePack, wire-compatible with npm socket.io-msgpack-parser.
 *
 * @example
 * ```ts
 * import { PacketType } from "@sockeye/io/parser";
 * import { msgpackParser } from "@sockeye/io/parser/msgpack";
 * import { deepEqual } from "node:assert/strict";
 *
 * const packet = { type: PacketType.Event, nsp: "/", data: ["pixel", new Uint8Array([7])] } as const;
 * const [frame = ""] = msgpackParser.encode(packet).frames;
 * deepEqual(msgpackParser.decoder().decode(frame), packet);
 * ```
 *
 * @module
 */
export { createMsgpackParser, msgpackParser } from "./parser.ts";
export { decodeValue, encodeStandardValue, encodeValue } from "./value.ts";
