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
import { Arrival, withOffset } from "./arrival.ts";
import { Arrivals, type Find } from "./arrivals.ts";
import type { RecordingBus } from "./bus.ts";
import { ClusterError } from "./error.ts";
import { type ClusterOptions, DEFAULT_TIMEOUT } from "./exchange.ts";
import { InFlight } from "./in_flight.ts";
import { type ClusterMessage, type MessageData, MessageType } from "./message.ts";
import { readSaved, toSaved } from "./saved_session.ts";
import { fromWire, packetFromWire, packetToWire, toWire } from "./wire.ts";

type Stored =
  | typeof MessageType.Broadcast
  | typeof MessageType.SocketsJoin
  | typeof MessageType.SocketsLeave
  | typeof MessageType.DisconnectSockets;

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
  readonly #duration: number;
  readonly #timeout: number;
  readonly #inFlight = new InFlight((error) => this.failed(error));
  readonly #arrivals: Arrivals;
  // The last offset when the session of a socket began; it is not known of sessions of npm.
  readonly #since = new Map<SocketId, string | undefined>();
  // Of clients that were lost before this server heard the others.
  #early: Session[] | undefined = [];
  #offset: string | undefined;
  #number = 0;

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
    this.#arrivals = new Arrivals(bus);
    this.#timeout = options.requestsTimeout ?? DEFAULT_TIMEOUT;
    this.#duration = scope.recovery.maxDisconnectionDuration;
  }

  /** Starts to hear the other servers. */
  override async init(): Promise<void> {
    let start: string | undefined;
    try {
      await super.init();
      start = this.#bus.start;
      this.#offset ??= start;
      // No session could be taken up before: whoever is here came ahead of the first message.
      for (const [id, since] of this.#since) if (since === undefined) this.#since.set(id, start);
    } finally {
      this.#keepEarly(start);
    }
  }

  /** Leaves the cluster. The sessions are kept. */
  override close(): Promise<void> {
    this.#keepEarly(undefined);
    this.#inFlight.clear();
    this.#arrivals.clear();
    this.#since.clear();
    return super.close();
  }

  /** Puts a socket into rooms. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void {
    // A middleware may let a socket join before it is let in; until then its session is away.
    if (this.scope.sockets.has(id)) {
      const arrival = this.#arrivals.get(id);
      if (!this.#since.has(id)) this.#since.set(id, arrival ? arrival.since : this.#offset);
      this.#arrivals.end(id);
    }
    super.addAll(id, rooms);
  }

  /** Takes a socket out of all its rooms. */
  override delAll(id: SocketId): void {
    this.#since.delete(id);
    this.#arrivals.end(id);
    super.delAll(id);
  }

  /** Sends an event to the sockets of a target, on all servers. */
  override broadcast(packet: EventPacket, target: Target): void {
    if (target.flags?.local === true) {
      this.#inFlight.inTurn(undefined, () => this.#deliver(packet, target, this.#offset));
    } else {
      const data = { packet: packetToWire(packet), opts: toWire(target) };
      this.#record(MessageType.Broadcast, data, target, packet);
    }
  }

  /** Sends an event to one socket so that it is not lost if the connection is. */
  sendRecoverable(recipient: Recipient, packet: EventPacket, options?: SendOptions): void {
    const { id } = recipient;
    // A volatile one repeats an offset: a client takes any text in its place for one.
    if (options?.volatile === true || this.rooms.get(id)?.has(id) !== true) {
      return this.sendInTurn(id, () => this.#send(recipient, packet, options));
    }
    const flags = options === undefined ? {} : { compress: options.compress !== false };
    this.broadcast(packet, { rooms: new Set([id]), flags });
  }

  /** Has something sent behind all that is on its way. */
  sendInTurn(id: SocketId, send: () => void): void {
    this.#inFlight.inTurn(id, send);
  }

  /** Sends a socket what is on its way to it, ahead of time and without an offset. */
  flush(id: SocketId): void {
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
    this.#inFlight.inTurn(undefined, () => {
      if (stop !== undefined) stop = super.broadcastWithAck(packet, target, clientCount, ack);
    });
    return () => {
      stop?.();
      stop = undefined;
    };
  }

  /** Makes the sockets of a target join rooms, on all servers. */
  override addSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local === true) return super.addSockets(target, rooms);
    this.#record(MessageType.SocketsJoin, { opts: toWire(target), rooms }, target);
  }

  /** Makes the sockets of a target leave rooms, on all servers. */
  override delSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local === true) return super.delSockets(target, rooms);
    this.#record(MessageType.SocketsLeave, { opts: toWire(target), rooms }, target);
  }

  /** Ends the sockets of a target, on all servers, and the sessions of those that are away. */
  override disconnectSockets(target: Target, close: boolean): void {
    if (target.flags?.local === true) return super.disconnectSockets(target, close);
    this.#record(MessageType.DisconnectSockets, { opts: toWire(target), close }, target);
  }

  /** Keeps a session for all servers. */
  persistSession(session: Session): void {
    const { sid } = session;
    this.#arrivals.end(sid);
    if (session instanceof Arrival) return this.#save(session, session.since, this.#offset);
    const since = this.#since.get(sid);
    if (since === undefined && this.#early !== undefined) this.#early.push(session);
    else this.#save(session, since, this.#offset);
  }

  /** Takes up a session, once, with all that was sent to it behind the offset. */
  restoreSession(pid: string, offset: string | undefined): Promise<RestoredSession | undefined> {
    const find = () => this.#find(pid, offset);
    return this.#arrivals.search(this.scope.name, this.#timeout, find);
  }

  /** Takes what is recorded, also by this server. */
  protected override received(message: ClusterMessage, offset: string | undefined): void {
    if (offset === undefined) return super.received(message, offset);
    this.#offset = offset;
    this.#arrivals.note({ offset, message });
    if (message.uid !== this.uid) return this.#take(message, offset);
    const { number } = message.data as { readonly number?: unknown };
    if (typeof number === "number") {
      this.#inFlight.landed(number, () => this.#take(message, offset));
    }
  }

  #keepEarly(start: string | undefined): void {
    for (const session of this.#early ?? []) this.#save(session, start, start);
    this.#early = undefined;
  }

  #save(session: Session, since: string | undefined, lostAt: string | undefined): void {
    const { sid, pid } = session;
    try {
      const saved = toSaved(this.scope.name, session, since, lostAt);
      this.#bus.saveSession(pid, saved, this.#duration);
    } catch (cause) {
      this.failed(new ClusterError(`Cannot keep the session of ${sid}`, { cause }));
    }
  }

  async #find(pid: string, offset: string | undefined): Promise<Find | undefined> {
    const saved = await this.#bus.takeSession(pid);
    if (saved === undefined) return undefined;
    const session = readSaved(saved, pid);
    // In another namespace, the same names of rooms mean something else.
    if ((session.nsp ?? this.scope.name) !== this.scope.name) return undefined;
    // Without an offset, it has got nothing since the session began.
    const after = offset ?? session.since;
    if (after === undefined) return undefined;
    const recorded = await this.#bus.recordedAfter(after, session.since);
    return recorded && { session, after, recorded };
  }

  #take(message: ClusterMessage, offset: string | undefined): void {
    if (message.type !== MessageType.Broadcast) return this.obey(message);
    const { packet, opts, requestId } = message.data;
    if (requestId !== undefined) return this.obey(message);
    this.#deliver(packetFromWire(packet, this.scope.name), fromWire(opts), offset);
  }

  #record<Type extends Stored>(
    type: Type,
    data: MessageData[Type],
    target: Target,
    packet?: EventPacket,
  ): void {
    const number = ++this.#number;
    const message = { ...data, number };
    const published = this.publish(type, message);
    this.#inFlight.add(number, { target, packet });
    const alone = (error: unknown) =>
      this.#inFlight.landed(number, () => {
        this.failed(error);
        const { uid, scope } = this;
        const own = { uid, nsp: scope.name, type, data } as unknown as ClusterMessage;
        this.#take(own, this.#offset);
      });
    published.then(async (offset) => {
      await this.#bus.received(offset as string);
      alone(new ClusterError(`A message was dropped before it was received: ${offset}`));
    }).catch(alone);
  }

  #deliver(packet: EventPacket, target: Target, offset: string | undefined): void {
    this.send(encode(packet, offset), target);
  }

  #send(recipient: Recipient, packet: EventPacket, options: SendOptions | undefined): void {
    const encodings = encode(packet, this.#offset);
    recipient.deliver(encodings.for(recipient.parser), encodings.packet, options);
  }
}

function encode(packet: EventPacket, offset: string | undefined): Encodings {
  return offset === undefined ? new Encodings(packet) : withOffset(packet, offset);
}
