import type { CustomParser, Decoder, Frame, Packet } from "../parser/mod.ts";
import { type BinaryData, toMessage } from "./engine/mod.ts";
import type { PacketFormat } from "./options.ts";

/**
 * Takes the `parser` option in either form. What a module in the official form decodes is trusted;
 * `fromCustomParser` checks it.
 */
export function parserOf(parser: PacketFormat | CustomParser): PacketFormat {
  const given: PacketFormat | CustomParser = Object(parser);
  if (!("Encoder" in given)) {
    if ("encode" in given) return given;
    throw new TypeError('Cannot use option "parser"');
  }
  const encoder = new given.Encoder();
  return {
    encode: (packet) => {
      const frames = encoder.encode({ ...packet } as never) as (string | BinaryData)[];
      return toMessage(frames.map((frame) => typeof frame === "string" ? "4" + frame : frame));
    },
    decoder: () => adapt(new given.Decoder()),
  };
}

function adapt(decoder: InstanceType<CustomParser["Decoder"]>): Decoder {
  let decoded: Packet | undefined;
  decoder.on("decoded", (packet) => decoded = packet as Packet);
  return {
    decode(frame) {
      decoded = undefined;
      decoder.add(typeof frame === "string" ? frame : chunk(frame));
      return decoded;
    },
    close: () => decoder.destroy?.(),
  };
}

/** Published modules read what the official client hands them: a Buffer outside browsers. */
function chunk(bytes: Exclude<Frame, string>): unknown {
  const { buffer } = bytes.slice();
  return (globalThis as WithNodeBytes).Buffer?.from(buffer) ?? buffer;
}

interface WithNodeBytes {
  readonly Buffer?: { from(bytes: ArrayBufferLike): unknown };
}
