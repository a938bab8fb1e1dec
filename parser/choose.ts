import { type Frame, ParseError } from "./engine/mod.ts";
import type { Parser } from "./parser.ts";

/**
 * Finds the format that a connection speaks by its first frame: the first parser that accepts it.
 * A single parser is not asked, for its decoder can say better what is wrong with the frame.
 *
 * @example
 * ```ts
 * import { chooseParser, jsonParser } from "@sockeye/io/parser";
 * import { msgpackParser } from "@sockeye/io/parser/msgpack";
 * import { equal } from "node:assert/strict";
 *
 * const parsers = [jsonParser, msgpackParser];
 * equal(chooseParser(parsers, "0"), jsonParser);
 * equal(chooseParser(parsers, new Uint8Array([0x82])), msgpackParser);
 * ```
 *
 * @throws {ParseError} if there are several and none accepts it.
 */
export function chooseParser(parsers: readonly Parser[], first: Frame): Parser {
  const [only] = parsers;
  if (only !== undefined && parsers.length === 1) return only;
  for (const parser of parsers) {
    if (parser.accepts(first)) return parser;
  }
  throw new ParseError(
    "Cannot decode packet: no parser of this server accepts the first frame",
  );
}
