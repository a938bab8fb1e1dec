/** What is measured: each codec encodes a packet to frames and decodes those. */
import * as official from "socket.io-parser";
import officialMsgpack from "socket.io-msgpack-parser";
import * as msgpack from "@msgpack/msgpack";
import cbor from "cbor-x/index-no-eval";
import { withPlaceholders } from "./packets.mjs";

function custom({ Encoder, Decoder }, options) {
  const encoder = new Encoder();
  const decoder = new Decoder(options);
  let last;
  decoder.on("decoded", (packet) => last = packet);
  return {
    prepare: (packet) => packet,
    encode: (packet) => encoder.encode(packet),
    decode: (frames) => {
      for (let i = 0; i < frames.length; i++) decoder.add(frames[i]);
      return last;
    },
    // As the official server does: Engine.IO hands over Buffers.
    received: (frames) =>
      frames.map((frame) => typeof frame === "string" ? frame : Buffer.from(frame)),
  };
}

function ours(parser) {
  const decoder = parser.decoder();
  return {
    prepare: (packet) => packet,
    encode: (packet) => parser.encode(packet).frames,
    decode: (frames) => {
      let packet;
      for (let i = 0; i < frames.length; i++) packet = decoder.decode(frames[i]);
      return packet;
    },
    received: (frames) => frames.map((frame) => typeof frame === "string" ? frame.slice(1) : frame),
  };
}

function bare(encode, decode, prepare) {
  return { prepare, encode, decode, received: (encoded) => encoded };
}

/** Those that run without TypeScript. */
export const CODECS = {
  "official json": custom(official, { maxAttachments: 20 }),
  "official msgpack": custom(officialMsgpack),
  "JSON": bare(JSON.stringify, JSON.parse, ({ data }) => withPlaceholders(data)),
  "@msgpack/msgpack": bare(msgpack.encode, msgpack.decode, (packet) => packet),
  "cbor-x": bare(cbor.encode, cbor.decode, ({ data }) => data),
};

/** The names of ours, for runtimes that read TypeScript. */
export const OURS = ["our json", "our msgpack", "our cbor"];

export async function withOurs() {
  const { createJsonParser } = await import("../../parser/mod.ts");
  const { msgpackParser } = await import("../../parser/msgpack/mod.ts");
  const { cborParser } = await import("../../parser/cbor/mod.ts");
  return {
    "our json": ours(createJsonParser({ maxAttachments: 20 })),
    "our msgpack": ours(msgpackParser),
    "our cbor": ours(cborParser),
  };
}
