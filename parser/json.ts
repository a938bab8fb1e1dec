import { attach, attachedMessage, detach, type Detached, mayHoldBinary } from "./attachments.ts";
import { isDeeperThan } from "./depth.ts";
import { type Frame, Message, ParseError } from "./engine/mod.ts";
import {
  type AckPacket,
  BINARY_ACK,
  BINARY_EVENT,
  BINARY_OFFSET,
  type EventPacket,
  type Packet,
  PacketType,
} from "./packet.ts";
import {
  type Decoder,
  DEFAULT_MAX_ATTACHMENTS,
  DEFAULT_MAX_DEPTH,
  type Parser,
  type ParserLimits,
} from "./parser.ts";
import { failure, MAX_ARGUMENTS, toEventData, tooManyArguments, toPacket } from "./shape.ts";

// The Engine.IO prefix and the digit of each type.
const HEADS: readonly string[] = ["40", "41", "42", "43", "44"];
const BINARY_HEADS: readonly string[] = ["", "", "45", "46"];

const DIGIT_0 = 48;
const DIGIT_9 = 57;
const DASH = 45;
const SLASH = 47;
const OPEN_ARRAY = 91;

// 2^53 has 16 digits; more can only be an attempt to make us read for nothing.
const MAX_ID_DIGITS = 16;

interface Incomplete {
  readonly packet: EventPacket | AckPacket;
  attachments: Uint8Array[] | undefined;
  readonly expected: number;
}

/**
 * Makes the default parser with other limits.
 *
 * @example
 * ```ts
 * import { createJsonParser, PacketType } from "@sockeye/io/parser";
 * import { deepEqual } from "node:assert/strict";
 *
 * const parser = createJsonParser({ maxAttachments: 100 });
 * const message = parser.encode({ type: PacketType.Event, nsp: "/", data: ["greet", "you"] });
 * deepEqual(message.frames, ['42["greet","you"]']);
 * ```
 */
export function createJsonParser(limits: ParserLimits = {}): Parser {
  const { maxAttachments = DEFAULT_MAX_ATTACHMENTS, maxDepth = DEFAULT_MAX_DEPTH } = limits;
  const set = { maxAttachments, maxDepth };
  return {
    encode: (packet) => encode(packet, maxDepth),
    decoder: () => new JsonDecoder(set),
    accepts: (first) => typeof first === "string",
  };
}

/** The default parser: text, with binary data in frames of their own behind it. */
export const jsonParser: Parser = createJsonParser();

function encode(packet: Packet, maxDepth: number): Message {
  const { type, nsp } = packet;
  const start = HEADS[type] as string;
  if (type === PacketType.Event || type === PacketType.Ack) {
    if (packet.data.length > MAX_ARGUMENTS) throw tooManyArguments();
    if (hasObject(packet.data) && mayHoldBinary(packet.data, maxDepth)) {
      return encodeBinary(packet, maxDepth);
    }
    return new Message([addressed(start, nsp, packet.id, JSON.stringify(packet.data))]);
  }
  const data = type === PacketType.Disconnect ? undefined : packet.data;
  const json = data === undefined ? "" : JSON.stringify(data);
  return new Message([addressed(start, nsp, undefined, json)]);
}

/** Whether there is anything to search. Apart from the search, so that compilers put it in place. */
function hasObject(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] === "object") return true;
  return false;
}

function encodeBinary({ type, nsp, id, data }: EventPacket | AckPacket, maxDepth: number): Message {
  const found: Detached = { frames: undefined };
  const json = JSON.stringify(detach(data, found, maxDepth));
  const { frames } = found;
  if (frames === undefined) return new Message([addressed(HEADS[type] as string, nsp, id, json)]);
  const start = (BINARY_HEADS[type] as string) + (frames.length - 1) + "-";
  frames[0] = addressed(start, nsp, id, json);
  return attachedMessage(frames);
}

function addressed(start: string, nsp: string, id: number | undefined, json: string): string {
  if (nsp !== "/") return start + nsp + "," + numeral(id) + json;
  return id === undefined ? start + json : start + numeral(id) + json;
}

function numeral(id: number | undefined): string {
  return id === undefined ? "" : `${id}`;
}

class JsonDecoder implements Decoder {
  readonly #limits: Required<ParserLimits>;
  #incomplete: Incomplete | undefined;

  constructor(limits: Required<ParserLimits>) {
    this.#limits = limits;
  }

  decode(frame: Frame): Packet | undefined {
    if (typeof frame !== "string") return this.#attachment(frame);
    if (this.#incomplete !== undefined) {
      throw failure("got text while waiting for attachments");
    }
    return this.#text(frame);
  }

  #text(frame: string): Packet | undefined {
    const type = frame.charCodeAt(0) - DIGIT_0;
    if (!(type >= PacketType.Connect && type <= BINARY_ACK)) {
      throw unknownType(frame);
    }
    let at = 1;
    // Most frames are events without id in the main namespace.
    if (type === PacketType.Event && frame.charCodeAt(at) === OPEN_ARRAY) {
      return { type, nsp: "/", data: toEventData(this.#json(frame, at)) };
    }
    let expected = 0;
    if (type >= BINARY_EVENT) {
      const dash = endOfDigits(frame, at);
      expected = this.#attachmentCount(frame, dash);
      at = dash + 1;
    }
    let nsp = "/";
    if (frame.charCodeAt(at) === SLASH) {
      const comma = frame.indexOf(",", at);
      const end = comma === -1 ? frame.length : comma;
      nsp = frame.slice(at, end);
      at = end + 1;
    }
    const end = endOfDigits(frame, at);
    if (end - at > MAX_ID_DIGITS) throw failure("the id has too many digits");
    const id = end === at ? undefined : numberAt(frame, at, end);
    const data = end < frame.length ? this.#json(frame, end) : undefined;
    const packet = toPacket(type >= BINARY_EVENT ? type - BINARY_OFFSET : type, nsp, data, id);
    if (expected === 0) return packet;
    this.#incomplete = {
      packet: packet as EventPacket | AckPacket,
      attachments: undefined,
      expected,
    };
    return undefined;
  }

  #attachment(bytes: Uint8Array): Packet | undefined {
    const incomplete = this.#incomplete;
    if (incomplete === undefined) {
      throw failure("got binary data when no attachment was announced");
    }
    const { packet, expected } = incomplete;
    let { attachments } = incomplete;
    if (attachments === undefined) attachments = incomplete.attachments = [bytes];
    else attachments.push(bytes);
    if (attachments.length < expected) return undefined;
    this.#incomplete = undefined;
    attachAll(packet.data, attachments);
    return packet;
  }

  #attachmentCount(frame: string, dash: number): number {
    const count = numberAt(frame, 1, Math.min(dash, 1 + MAX_ID_DIGITS));
    if (frame.charCodeAt(dash) !== DASH || count === 0) {
      throw failure("illegal attachments");
    }
    if (dash - 1 > MAX_ID_DIGITS || count > this.#limits.maxAttachments) {
      throw failure(
        `too many attachments, at most ${this.#limits.maxAttachments} are allowed`,
      );
    }
    return count;
  }

  #json(frame: string, start: number): unknown {
    const text = frame.slice(start);
    if (isDeeperThan(text, this.#limits.maxDepth)) {
      throw failure(`nested deeper than ${this.#limits.maxDepth} levels`);
    }
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw failure("invalid payload", cause);
    }
  }
}

/** With a high limit of depth, the stack may end before it. */
function attachAll(data: readonly unknown[], attachments: readonly Uint8Array[]): void {
  try {
    attach(data, attachments);
  } catch (cause) {
    throw cause instanceof ParseError ? cause : failure("nested too deep", cause);
  }
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < DIGIT_0 || code > DIGIT_9) break;
  }
  return at;
}

/** The number that these digits stand for. */
function numberAt(frame: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 10 + (frame.charCodeAt(at) - DIGIT_0);
  return number;
}

function unknownType(frame: string): ParseError {
  return failure(
    frame === "" ? "it is empty" : `unknown type ${JSON.stringify(frame[0])}`,
  );
}
