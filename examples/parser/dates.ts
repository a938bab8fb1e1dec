/** A format of one's own: JSON in which dates stay dates. It has no binary data. */
import { Message, ParseError, type Parser, toPacket } from "@sockeye/io/parser";

export const datesParser: Parser = {
  encode(packet) {
    const text = JSON.stringify(packet, function (key, value) {
      const original = this[key];
      return original instanceof Date ? { $date: original.getTime() } : value;
    });
    return new Message(["4" + text]);
  },

  decoder: () => ({
    decode(frame) {
      if (typeof frame !== "string") throw new ParseError("Cannot decode packet: it is binary");
      const { type, nsp, data, id } = parse(frame);
      return toPacket(type, nsp, data, id);
    },
  }),

  accepts: (first) => typeof first === "string" && first.startsWith("{"),
};

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text, (_key, value) => {
      return typeof value?.$date === "number" ? new Date(value.$date) : value;
    });
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new ParseError("Cannot decode packet: it is not JSON", { cause });
  }
  throw new ParseError("Cannot decode packet: it is not an object");
}
