import type { EventPacket, SendOptions } from "../../../parser/mod.ts";
import {
  type AdapterScope,
  Encodings,
  type Recipient,
  type RestoredSession,
  type Room,
  type Session,
  type SocketId,
  type Target,
} from "../mod.ts";
import { ClusterAdapter } from "./adapter.ts";
import { withOffset } from "./arrival.ts";
import { Arrivals } from "./arrivals.ts";
import type { RecordingBus } from "./bus.ts";
import { ClusterError } from "./error.ts";
import { type ClusterOptions, DEFAULT_TIMEOUT } from "./exchange.ts";
import { type Doing, InFlight } from "./in_flight.ts";
import { type ClusterMessage, type MessageData, type MessageOf, MessageType } from "./message.ts";
import { SessionKeeper } from "./session_keeper.ts";
import { snapshot } from "./snapshot.ts";
import { fromWire, packetFromWire, packetToWire, toWire } from "./wire.ts";

type Stored =
  | typeof MessageType.Broadcast
  | typeof MessageType.SocketsJoin
  | typeof MessageType.SocketsLeave
  | typeof MessageType.DisconnectSockets;

// Milliseconds that the end of a server is held up for what was sent before.
const DRAIN_TIMEOUT = 1000;

/**
 * An adapter between servers with connection state recovery: a client that lost its connection may
 * come back to any of them.
 *
 * What is sent, and what is done to sockets, takes effect when the {@linkcode RecordingBus} has
 * recorded it, in the order of the record, on this server like on the others. Each event carries its
 * offset as last argument. What the bus cannot record takes effect on this server only, and the
 * event `error` tells of it.
 */
export class ClusterRecoveryAdapter extends ClusterAdapter {
  readonly #bus: RecordingBus;
  readonly #inFlight = new InFlight((error) => this.failed(error));
  readonly #arrivals: Arrivals;
  readonly #keeper: SessionKeeper;
  #offset: string | undefined;
  #number = 0;
  // Those that a message ends which has just been recorded.
  #ending: ReadonlySet<SocketId> = new Set();
  // An outage is told once.
  #isCut = false;
  #isClosed = false;

  /**
   * Takes the namespace that it is to work for, its way to the other servers, and the options.
   *
   * @throws {RangeError} if an option is no time.
   * @throws {TypeError} if the namespace has no recovery.
   */
  constructor(scope: AdapterScope, bus: RecordingBus, options: ClusterOptions = {}) {
    super(scope, bus, options);
    if (scope.recovery === undefined) {
      throw new TypeError("Cannot keep sessions: connectionStateRecovery is off");
    }
    this.#bus = bus;
    const timeout = options.requestsTimeout ?? DEFAULT_TIMEOUT;
    this.#arrivals = new Arrivals({ nsp: scope.name, bus, timeout });
    this.#keeper = new SessionKeeper({
      ...{ nsp: scope.name, bus, duration: scope.recovery.maxDisconnectionDuration },
      failed: (error) => this.failed(error),
    });
  }

  /** Starts to hear the other servers. */
  override async init(): Promise<void> {
    try {
      await super.init();
      this.#offset ??= this.#bus.start;
      this.#keeper.started(this.#bus.start);
    } catch (error) {
      this.#keeper.started(undefined);
      throw error;
    }
  }

  /** Resolves when what was sent is on its way to the sockets of this server, or a second is over. */
  drain(): Promise<void> | undefined {
    if (this.#inFlight.isEmpty) return undefined;
    return new Promise((done) => {
      const timer = setTimeout(done, DRAIN_TIMEOUT);
      this.#inFlight.inTurn(() => {
        clearTimeout(timer);
        done();
      });
    });
  }

  /** Leaves the cluster. The sessions are kept. */
  override close(): Promise<void> {
    this.#isClosed = true;
    this.#keeper.close();
    this.#inFlight.clear();
    this.#arrivals.clear();
    return super.close();
  }

  /** Puts a socket into rooms. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void {
    // A middleware may let a socket join before it is let in; until then its session is away.
    if (this.scope.sockets.has(id)) {
      const arrival = this.#arrivals.get(id);
      this.#keeper.began(id, arrival ? arrival.since : this.#offset);
      this.#arrivals.end(id);
    }
    super.addAll(id, rooms);
  }

  /** Takes a socket out of all its rooms. */
  override delAll(id: SocketId): void {
    this.#keeper.ended(id);
    this.#arrivals.end(id);
    super.delAll(id);
  }

  /** Sends an event to the sockets of a target, on all servers. */
  override broadcast(packet: EventPacket, target: Target): void {
    if (target.flags?.local === true) {
      const own = this.#asItIs(packet, target);
      const doing = { packet: own, target };
      return this.#inFlight.inTurn(() => this.#deliver(own, target, this.#offset), doing);
    }
    const data = { packet: packetToWire(packet), opts: toWire(target) };
    this.#record(MessageType.Broadcast, data, { target, packet });
  }

  /** Sends an event to one socket so that it is not lost if the connection is. */
  sendRecoverable(recipient: Recipient, packet: EventPacket, options?: SendOptions): void {
    const { id } = recipient;
    // What waits is no longer what a client should see now. It repeats an offset: a client takes any
    // text in its place for one.
    if (options?.volatile === true) return this.#send(recipient, packet, options);
    const target = { rooms: new Set([id]) };
    if (this.rooms.get(id)?.has(id) !== true) {
      recipient.parser.encode(packet);
      const own = this.#asItIs(packet, target);
      return this.sendInTurn(id, () => this.#send(recipient, own, options));
    }
    const flags = options === undefined ? {} : { compress: options.compress !== false };
    this.broadcast(packet, { ...target, flags });
  }

  /** Has something sent behind all that is on its way. */
  sendInTurn(id: SocketId, send: () => void): void {
    this.#inFlight.inTurn(send, { id });
  }

  /** Sends a socket what is on its way to it, ahead of time and without an offset. */
  flush(id: SocketId): void {
    // What is on its way is behind the message that ends it.
    if (this.#ending.has(id)) return;
    const recipient = this.scope.sockets.get(id);
    const rooms = this.sids.get(id);
    if (recipient === undefined || rooms === undefined) return;
    this.#inFlight.flush(id, rooms, (packet) => {
      recipient.deliver(recipient.parser.encode(packet), packet, undefined);
    });
  }

  /** Sends an event to the sockets of a target, on all servers, and hands over each answer. */
  override broadcastWithAck(
    packet: EventPacket,
    target: Target,
    clientCount: (count: number) => void,
    ack: (response: readonly unknown[]) => void,
  ): () => void {
    let stop: (() => void) | undefined = () => {};
    const own = this.#asItIs(packet, target);
    this.#inFlight.inTurn(() => {
      if (stop !== undefined) stop = super.broadcastWithAck(own, target, clientCount, ack);
    });
    return () => {
      stop?.();
      stop = undefined;
    };
  }

  /** Makes the sockets of a target join rooms, on all servers. */
  override addSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local === true) return super.addSockets(target, rooms);
    const doing = { target, joined: rooms };
    this.#record(MessageType.SocketsJoin, { opts: toWire(target), rooms }, doing);
  }

  /** Makes the sockets of a target leave rooms, on all servers. */
  override delSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local === true) return super.delSockets(target, rooms);
    const doing = { target, left: rooms };
    this.#record(MessageType.SocketsLeave, { opts: toWire(target), rooms }, doing);
  }

  /** Ends the sockets of a target, on all servers, and the sessions of those that are away. */
  override disconnectSockets(target: Target, close: boolean): void {
    if (target.flags?.local === true) return super.disconnectSockets(target, close);
    this.#record(MessageType.DisconnectSockets, { opts: toWire(target), close }, { target });
  }

  /** Keeps a session for all servers. */
  persistSession(session: Session): void {
    this.#arrivals.end(session.sid);
    this.#keeper.keep(session, this.#offset);
  }

  /** Takes up a session, once, with all that was sent to it behind the offset. */
  restoreSession(pid: string, offset: string | undefined): Promise<RestoredSession | undefined> {
    return this.#arrivals.search(pid, offset);
  }

  /** Takes what is recorded, also by this server. */
  protected override received(message: ClusterMessage, offset: string | undefined): void {
    if (offset === undefined) return super.received(message, offset);
    const { data: { number } = {} } = message as { readonly data?: { readonly number?: unknown } };
    const own = message.uid === this.uid && typeof number === "number" ? number : undefined;
    // What was sent ahead of it is not on its way any more.
    if (own !== undefined) this.#inFlight.overtaken(own, dropped);
    this.#offset = offset;
    this.#arrivals.note({ offset, message });
    if (message.uid !== this.uid) return this.#take(message, offset);
    if (own === undefined) return;
    this.#isCut = false;
    this.#inFlight.landed(own, () => this.#take(message, offset));
  }

  #take(message: ClusterMessage, offset: string | undefined): void {
    if (message.type === MessageType.DisconnectSockets) return this.#end(message);
    if (message.type !== MessageType.Broadcast) return this.obey(message);
    const { packet, opts, requestId } = message.data;
    if (requestId !== undefined) return this.obey(message);
    this.#deliver(packetFromWire(packet, this.scope.name), fromWire(opts), offset);
  }

  #end(message: MessageOf<typeof MessageType.DisconnectSockets>): void {
    const outer = this.#ending;
    this.#ending = new Set(this.matching(fromWire(message.data.opts)).map(({ id }) => id));
    try {
      this.obey(message);
    } finally {
      this.#ending = outer;
    }
  }

  #record<Type extends Stored>(type: Type, data: MessageData[Type], doing: Doing): void {
    if (this.#isClosed) return;
    const number = ++this.#number;
    const published = this.publish(type, { ...data, number });
    this.#inFlight.add(number, doing, (error) => {
      if (!this.#isCut) this.failed(error);
      this.#isCut = true;
      const { uid, scope } = this;
      const own = { uid, nsp: scope.name, type, data } as unknown as ClusterMessage;
      this.#take(own, this.#offset);
    });
    published.then((offset) => this.#bus.received(offset as string)).then(
      () => this.#inFlight.failed(number, dropped),
      (error) => this.#inFlight.failed(number, () => error),
    );
  }

  /** An event that may have to wait, as it is now. */
  #asItIs(packet: EventPacket, target: Target): EventPacket {
    if (this.#inFlight.isEmpty) return packet;
    // What cannot be sent is told to the caller.
    const encodings = new Encodings(packet);
    for (const { parser } of this.matching(target)) encodings.for(parser);
    return snapshot(packet);
  }

  #deliver(packet: EventPacket, target: Target, offset: string | undefined): void {
    this.send(withOffset(packet, offset), target);
  }

  #send(recipient: Recipient, packet: EventPacket, options: SendOptions | undefined): void {
    const encodings = withOffset(packet, this.#offset);
    recipient.deliver(encodings.for(recipient.parser), encodings.packet, options);
  }
}

function dropped(): ClusterError {
  return new ClusterError("Messages were dropped from the record before they came back");
}
