import {
  decodePayload,
  encodePayload,
  type Frame,
  type PacketType,
} from "../../parser/engine/mod.ts";
import type { BodyType } from "./exchange.ts";
import type { Query } from "./query.ts";
import type { Queued } from "./transport.ts";

/** Told of each packet of a body; `false` stops. */
export type Visit = (type: PacketType, data: Frame) => boolean | void;

/** How the packets of one session stand in the bodies of its requests and replies. */
export interface PollingCodec {
  /** The body that answers the poll with this query. */
  encode(messages: readonly Queued[], query: Query): { body: string | Uint8Array; type: BodyType };
  /** Whether the client may send bytes instead of text. */
  readonly binary: boolean;
  /**
   * Hands over the packets of a body, those before a bad one included.
   *
   * @throws {ParseError} at a bad packet, or past `maxPackets` packets.
   */
  decode(body: string | Uint8Array, visit: Visit, maxPackets: number, query: Query): void;
}

/** The form of protocol 4: text, with a separator between packets. */
export const payloadCodec: PollingCodec = {
  binary: false,
  encode(messages) {
    const first = messages[0];
    if (messages.length === 1 && first !== undefined) {
      return { body: first.message.payload, type: "text" };
    }
    return { body: encodePayload(messages.flatMap(({ message }) => message.frames)), type: "text" };
  },
  decode(body, visit, maxPackets) {
    decodePayload(body as string, visit, maxPackets);
  },
};
