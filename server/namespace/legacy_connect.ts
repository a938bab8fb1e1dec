import { type Packet, PacketType } from "../../parser/mod.ts";

/**
 * What a client of protocol 3 means by a packet. It can give credentials in no other way than as a
 * query of the namespace that it wants to join.
 */
export function legacyPacket(packet: Packet): Packet {
  if (packet.type !== PacketType.Connect) return packet;
  const [nsp = "", ...query] = packet.nsp.split("?");
  if (query.length === 0) return packet;
  const data = packet.data ?? Object.fromEntries(new URLSearchParams(query.join("?")));
  return { type: packet.type, nsp, data };
}
