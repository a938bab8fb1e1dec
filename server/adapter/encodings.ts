import type { EventPacket, Message, Parser } from "../../parser/mod.ts";

/** A packet encoded once for each parser in use, and never for one that is not. */
export class Encodings {
  /** What is encoded. */
  readonly packet: EventPacket;
  // Nearly every server has one parser, so that a map is made for the second only.
  #parser: Parser | undefined;
  #message: Message | undefined;
  #others: Map<Parser, Message> | undefined;

  /** Takes the packet; nothing is encoded yet. */
  constructor(packet: EventPacket) {
    this.packet = packet;
  }

  /** What it was encoded to first, if it was. */
  get first(): Message | undefined {
    return this.#message;
  }

  /** The packet in the format of a parser. */
  for(parser: Parser): Message {
    if (this.#parser === parser && this.#message !== undefined) return this.#message;
    const known = this.#others?.get(parser);
    if (known !== undefined) return known;
    const message = parser.encode(this.packet);
    if (this.#parser === undefined) {
      this.#parser = parser;
      this.#message = message;
    } else {
      (this.#others ??= new Map()).set(parser, message);
    }
    return message;
  }
}
