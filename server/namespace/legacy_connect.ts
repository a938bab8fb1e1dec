import { type Packet, PacketType, ParseError } from "../../parser/mod.ts";

// As long as a URL may be for most servers. Each pair of a query costs far more than its bytes.
const LONGEST_QUERY = 16_384;

/**
 * What a client of protocol 3 means by a packet. It can give credentials in no other way than as a
 * query of the namespace that it wants to join.
 *
 * @throws {ParseError} if the query is longer than 16,384 characters.
 */
export function legacyPacket(packet: Packet): Packet {
  if (packet.type !== PacketType.Connect) return packet;
  const { type, nsp } = packet;
  const end = nsp.indexOf("?");
  if (end === -1) return packet;
  if (nsp.length - end > LONGEST_QUERY) {
    throw new ParseError("Cannot decode packet: the query of the namespace is too long");
  }
  const data = packet.data ?? Object.fromEntries(new URLSearchParams(nsp.slice(end)));
  return { type, nsp: nsp.slice(0, end), data };
}
