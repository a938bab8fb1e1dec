import { type EventPacket, jsonParser, type Message, type Parser } from "../../../../parser/mod.ts";
import type { AdapterScope, Recipient, Session, SocketId } from "../../../../server/adapter/mod.ts";

/** A socket as an adapter knows it; it notes what its client would hear. */
export class FakeRecipient implements Recipient {
  readonly id: SocketId;
  readonly parser: Parser;
  readonly handshake = {};
  readonly rooms: string[] = [];
  readonly data: unknown = undefined;
  /** The first argument of each event, in order. */
  heard: unknown[] = [];
  /** The last argument of the last event: with recovery, its offset. */
  offset: string | undefined;
  readonly topics: Set<string> = new Set();
  readonly conn: unknown = {};
  /** Whether topics can be heard, as on a plain WebSocket. */
  subscribable = true;
  disconnected: boolean[] = [];
  readonly asked: Map<number, { answer(value: unknown): void; leave(): void }> = new Map();

  constructor(id: SocketId, parser: Parser = jsonParser) {
    this.id = id;
    this.parser = parser;
  }

  deliver(message: Message): void {
    this.hear(message);
  }

  /** Reads a message as the client would. */
  hear(message: Message): void {
    const decoder = this.parser.decoder();
    for (const frame of message.frames) {
      const packet = decoder.decode(typeof frame === "string" ? frame.slice(1) : frame);
      if (packet === undefined) continue;
      const { data } = packet as EventPacket;
      this.heard.push(data[1]);
      this.offset = String(data.at(-1));
    }
  }

  awaitAck(id: number, answered: (response: readonly unknown[]) => void, gone: () => void): void {
    this.asked.set(id, { answer: (value) => answered([value]), leave: gone });
  }

  forgetAck(id: number): void {
    this.asked.delete(id);
  }

  disconnect(close: boolean): void {
    this.disconnected.push(close);
  }

  subscribe(topic: string): boolean {
    if (this.subscribable) this.topics.add(topic);
    return this.subscribable;
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
  }
}

/** A namespace of fake sockets, on a runtime that can publish or on one that cannot. */
export class FakeScope implements AdapterScope {
  readonly name = "/test";
  /** What other servers have sent to this one. */
  readonly serverSide: unknown[][] = [];
  readonly sockets: Map<SocketId, FakeRecipient> = new Map();
  readonly publish: AdapterScope["publish"];
  readonly expired: Session[] = [];
  readonly failures: unknown[][] = [];
  published = 0;
  #ids = 0;

  constructor(publishes: boolean) {
    this.publish = publishes
      ? (topic, message, _compress, except) => this.#publish(topic, message, except)
      : undefined;
  }

  nextAckId(): number {
    return this.#ids++;
  }

  serverSideEvent(args: readonly unknown[]): void {
    this.serverSide.push([...args]);
  }

  listenerFailed(error: unknown, event: string | symbol): void {
    this.failures.push([error, event]);
  }

  sessionExpired(session: Session): void {
    this.expired.push(session);
  }

  /** Every third time it cannot leave out a single socket, as with two runtime servers. */
  #publish(topic: string, message: Message, except: unknown): boolean {
    if (++this.published % 3 === 0 && except !== undefined) return false;
    for (const socket of this.sockets.values()) {
      if (socket.topics.has(topic) && socket.conn !== except) socket.hear(message);
    }
    return true;
  }
}
