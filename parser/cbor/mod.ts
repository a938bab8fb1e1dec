/**
 * Socket.IO packets in CBOR: one binary frame each, with dates, maps, sets, big integers and typed
 * arrays. The layout is written down in `docs/protocol.md`.
 *
 * @example
 * ```ts
 * import { PacketType } from "@sockeye/io/parser";
 * import { cborParser } from "@sockeye/io/parser/cbor";
 * import { deepEqual } from "node:assert/strict";
 *
 * const data = ["moved", new Map([[7, new Float32Array([1.5, 2])]])] as const;
 * const packet = { type: PacketType.Event, nsp: "/", data } as const;
 * const [frame = ""] = cborParser.encode(packet).frames;
 * deepEqual(cborParser.decoder().decode(frame), packet);
 * ```
 *
 * @module
 */
export { type CborLimits, cborParser, createCborParser } from "./parser.ts";
