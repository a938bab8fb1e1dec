import {
  encodeBase64,
  type Frame,
  PacketType,
  ParseError,
  typeOf,
} from "../../parser/engine/mod.ts";
import type { PollingCodec, Visit } from "./codec.ts";
import { decodeForm, encodeCall } from "./jsonp.ts";
import { decodeText } from "./legacy.ts";
import type { Query } from "./query.ts";

/**
 * The bodies of protocol 3. Each packet has its length in front: as text, `6:4hello`, or, where one
 * of them is binary and the client takes bytes, as a kind, the digits of the length, 255 and the
 * bytes.
 *
 * @param base64 whether the client takes text only.
 */
export function legacyCodec(base64: boolean): PollingCodec {
  return {
    binary: true,
    encode(messages, query) {
      const frames = messages.flatMap(({ message }) => message.frames);
      const text = base64 || query.j !== undefined;
      if (!text && frames.some((frame) => typeof frame !== "string")) {
        return { body: encodeBinary(frames), type: "binary" };
      }
      const body = frames.map(encodeText).join("");
      return query.j === undefined
        ? { body, type: "text" }
        : { body: encodeCall(query.j, body), type: "script" };
    },
    decode(body, visit, maxPackets, query: Query) {
      const limited = limit(visit, maxPackets);
      if (typeof body !== "string") decodeBinary(body, limited);
      else decodeTexts(query.j === undefined ? body : decodeForm(body), limited);
    },
  };
}

// A length has no more digits than this: nobody sends a packet of 10 GB.
const MOST_DIGITS = 10;
const END_OF_LENGTH = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function encodeText(frame: Frame): string {
  const packet = typeof frame === "string" ? frame : "b4" + encodeBase64(frame);
  return `${packet.length}:${packet}`;
}

function encodeBinary(frames: readonly Frame[]): Uint8Array {
  const parts = frames.map((frame) => {
    const text = typeof frame === "string";
    const data = text ? encoder.encode(frame) : new Uint8Array([PacketType.Message, ...frame]);
    const digits = Array.from(String(data.length), Number);
    return [new Uint8Array([text ? 0 : 1, ...digits, END_OF_LENGTH]), data];
  }).flat();
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function decodeTexts(body: string, visit: Visit): void {
  let at = 0;
  do {
    const colon = body.indexOf(":", at);
    const digits = body.slice(
      at,
      colon === -1 ? body.length : Math.min(colon, at + MOST_DIGITS + 1),
    );
    if (colon === -1 || !/^\d+$/.test(digits) || digits.length > MOST_DIGITS) throw badLength();
    at = colon + 1 + Number(digits);
    if (at > body.length) throw badLength();
    if (decodeText(body.slice(colon + 1, at), visit) === false) return;
  } while (at < body.length);
}

function decodeBinary(body: Uint8Array, visit: Visit): void {
  let at = 0;
  do {
    const kind = body[at];
    const start = body.indexOf(END_OF_LENGTH, at) + 1;
    const digits = start === 0 ? [] : [...body.subarray(at + 1, Math.min(start - 1, at + 12))];
    if (digits.length === 0 || digits.length > MOST_DIGITS || digits.some((digit) => digit > 9)) {
      throw badLength();
    }
    at = start + Number(digits.join(""));
    if (at > body.length) throw badLength();
    const data = body.subarray(start, at);
    const going = kind === 0
      ? decodeText(decoder.decode(data), visit)
      : visit(typeOf(String(data[0] ?? "")), data.slice(1));
    if (going === false) return;
  } while (at < body.length);
}

function limit(visit: Visit, maxPackets: number): Visit {
  let count = 0;
  return (type, data) => {
    if (++count > maxPackets) {
      throw new ParseError(`Cannot decode payload: more than ${maxPackets} packets`);
    }
    return visit(type, data);
  };
}

function badLength(): ParseError {
  return new ParseError("Cannot decode payload: a length is missing or wrong");
}
