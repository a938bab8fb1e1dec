import { type Binary, isBinary, toMessage } from "./attachments.ts";
import type { Frame, Message } from "./engine/mod.ts";
import { BINARY_ACK, BINARY_EVENT, BINARY_OFFSET, type Packet, PacketType } from "./packet.ts";
import type { Decoder, Parser } from "./parser.ts";
import { failure, toPacket } from "./shape.ts";

/** A parser module in the form that npm socket.io takes as its `parser` option. */
export interface CustomParser {
  /** Made once for all connections. */
  readonly Encoder: new () => CustomEncoder;
  /** Made once for each connection. */
  readonly Decoder: new () => CustomDecoder;
}

/** The encoding half of a {@linkcode CustomParser}. */
export interface CustomEncoder {
  /**
   * Returns the frames of a {@linkcode Packet} without Engine.IO prefix: an array of texts and
   * binary data. Published modules declare it in many ways, so it is checked when it is called.
   */
  encode(packet: never): unknown;
}

/** The decoding half of a {@linkcode CustomParser}, an emitter. */
export interface CustomDecoder {
  /**
   * Takes the next frame and emits `decoded` before it returns if that completes a packet. Binary
   * data is a `Buffer` where the runtime has one, as Deno and Bun do, and an `ArrayBuffer` in a
   * browser.
   */
  add(chunk: unknown): unknown;
  /** Adds the listener for `decoded`. */
  on(event: "decoded", listener: (packet: unknown) => void): unknown;
  /** Called when the connection ends. */
  destroy?(): unknown;
}

/** Whether a value is a parser module in the official form. */
export function isCustomParser(value: unknown): value is CustomParser {
  if (
    value === null || (typeof value !== "object" && typeof value !== "function")
  ) return false;
  const { Encoder, Decoder } = value as Partial<CustomParser>;
  return typeof Encoder === "function" && typeof Decoder === "function";
}

/**
 * Takes the value of a `parser` option in either form and returns the {@linkcode Parser}.
 *
 * @throws {TypeError} if it is neither a `Parser` nor a module with `Encoder` and `Decoder`.
 */
export function toParser(value: Parser | CustomParser): Parser {
  if (isParser(value)) return value;
  if (isCustomParser(value)) return fromCustomParser(value);
  throw new TypeError(
    "Cannot use parser: it has neither the methods encode, decoder and accepts, nor the classes Encoder and Decoder",
  );
}

/**
 * Makes a {@linkcode Parser} of a parser module in the official form. What it decodes is checked
 * like the packets of our own parsers, and whatever it throws becomes a `ParseError`; how much
 * memory a hostile frame can make it spend is up to the module.
 *
 * Beside other parsers it accepts any first frame that it can decode, so it comes last in the list.
 *
 * @example
 * ```ts
 * import { fromCustomParser, PacketType } from "@sockeye/io/parser";
 * import * as msgpack from "socket.io-msgpack-parser";
 * import { deepEqual } from "node:assert/strict";
 *
 * const parser = fromCustomParser(msgpack);
 * const packet = { type: PacketType.Event, nsp: "/", data: ["greet", "you"] } as const;
 * const [frame = ""] = parser.encode(packet).frames;
 * deepEqual(parser.decoder().decode(frame), packet);
 * ```
 */
export function fromCustomParser(module: CustomParser): Parser {
  const encoder = new module.Encoder();
  return {
    encode: (packet) => encode(encoder, packet),
    decoder: () => new CustomDecoderAdapter(new module.Decoder()),
    accepts: (first) => accepts(module, first),
  };
}

function encode(encoder: CustomEncoder, packet: Packet): Message {
  const parts = encoder.encode({ ...packet } as never);
  if (Array.isArray(parts) && parts.every(isPart)) return toMessage(parts);
  throw new TypeError(
    "Cannot encode packet: the custom parser returned no array of texts and binary data",
  );
}

function isPart(part: unknown): part is string | Binary {
  return typeof part === "string" ||
    typeof part === "object" && part !== null && isBinary(part);
}

class CustomDecoderAdapter implements Decoder {
  readonly #decoder: CustomDecoder;
  #decoded: unknown[] = [];

  constructor(decoder: CustomDecoder) {
    this.#decoder = decoder;
    decoder.on("decoded", (packet) => this.#decoded.push(packet));
  }

  decode(frame: Frame): Packet | undefined {
    try {
      this.#decoder.add(typeof frame === "string" ? frame : toChunk(frame));
    } catch (cause) {
      throw failure("the custom parser refused it", cause);
    }
    if (this.#decoded.length === 0) return undefined;
    const [packet, second] = this.#decoded;
    this.#decoded = [];
    if (second !== undefined) {
      throw failure("one frame completes several packets");
    }
    return checked(packet);
  }

  close(): void {
    this.#decoder.destroy?.();
  }
}

/** What npm socket.io takes may be instances of classes, and say of which sort of event they are. */
function checked(decoded: unknown): Packet {
  if (typeof decoded !== "object" || decoded === null) {
    throw failure("the custom parser made no packet of it");
  }
  const { type, nsp, data, id } = decoded as Partial<Record<string, unknown>>;
  const isConnect = type === PacketType.Connect || type === PacketType.ConnectError;
  const hasId = !isConnect && type !== PacketType.Disconnect;
  return toPacket(
    type === BINARY_EVENT || type === BINARY_ACK ? type - BINARY_OFFSET : type,
    nsp,
    isConnect && isInstance(data) ? { ...data } : data ?? undefined,
    hasId ? id ?? undefined : undefined,
  );
}

function isInstance(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !isBinary(value);
}

function accepts(module: CustomParser, first: Frame): boolean {
  const decoder = new CustomDecoderAdapter(new module.Decoder());
  try {
    decoder.decode(first);
    return true;
  } catch {
    return false;
  } finally {
    decoder.close();
  }
}

function isParser(value: unknown): value is Parser {
  if (
    value === null || (typeof value !== "object" && typeof value !== "function")
  ) return false;
  const { encode, decoder, accepts } = value as Partial<Parser>;
  return typeof encode === "function" && typeof decoder === "function" &&
    typeof accepts === "function";
}

interface BytesClass {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array;
}

// Published modules read what the official server and client hand them: a Buffer outside browsers.
const NodeBytes = (globalThis as unknown as Record<string, BytesClass | undefined>)["Buffer"];

function toChunk(bytes: Uint8Array): Uint8Array | ArrayBufferLike {
  const { buffer, byteOffset, byteLength } = bytes;
  if (NodeBytes !== undefined) {
    return NodeBytes.from(buffer, byteOffset, byteLength);
  }
  return byteLength === buffer.byteLength
    ? buffer
    : buffer.slice(byteOffset, byteOffset + byteLength);
}
