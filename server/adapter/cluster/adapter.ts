import type { AnyListener } from "../../../events/mod.ts";
import type { EventPacket } from "../../../parser/mod.ts";
import { type AdapterScope, LocalAdapter, type Room, type SocketDetails } from "../mod.ts";
import type { SocketId, Target } from "../mod.ts";
import { AckRequests } from "./ack_requests.ts";
import { Answering } from "./answering.ts";
import type { ClusterBus } from "./bus.ts";
import { withoutUnwritable } from "./describe.ts";
import { ClusterError } from "./error.ts";
import { type ClusterOptions, Exchange } from "./exchange.ts";
import { type ClusterMessage, type MessageData, type MessageOf, MessageType } from "./message.ts";
import { randomId } from "./random_id.ts";
import type { Settle } from "./requests.ts";
import { fromWire, namesIn, packetFromWire, packetToWire, socketToWire, toWire } from "./wire.ts";

/**
 * An adapter that also reaches the sockets of other servers, by way of a {@linkcode ClusterBus}.
 *
 * What fails without a caller who could be told, such as a broker that is out of reach, comes as the
 * event `error`; if that has no listener, it is reported like the error of a listener.
 *
 * @example Two servers in one program
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { ClusterAdapter, type ClusterBus, type Receiver } from "@sockeye/io/adapter/cluster";
 * import { deepEqual } from "node:assert/strict";
 *
 * const receivers = new Set<Receiver>();
 * function createBus(): ClusterBus {
 *   let own: Receiver | undefined;
 *   const tell = (message: unknown) =>
 *     receivers.forEach((receiver) => receiver !== own && receiver.receive(message));
 *   return {
 *     open: (receiver) => void receivers.add(own = receiver),
 *     publish: tell,
 *     respond: (_uid, message) => tell(message),
 *     close: () => void receivers.delete(own!),
 *   };
 * }
 * const [one, two] = [1, 2].map(() =>
 *   new Server({ adapter: (scope) => new ClusterAdapter(scope, createBus()) })
 * ) as [Server, Server];
 * two.on("how many?", (done) => done(7));
 * deepEqual(await one.serverSideEmitWithAck("how many?"), [7]);
 * await Promise.all([one.close(), two.close()]);
 * ```
 */
export class ClusterAdapter extends LocalAdapter {
  /** The id of this server in its namespace, for the others. */
  readonly uid: string;
  /** Resolves as soon as this server hears all that the others say. */
  readonly ready: Promise<void>;
  readonly #bus: ClusterBus;
  readonly #exchange: Exchange;
  readonly #ackRequests: AckRequests;
  readonly #answering = new Answering();
  readonly #tell = (error: unknown): void => this.failed(error);

  /**
   * Takes the namespace that it is to work for, its way to the other servers, and the options.
   *
   * @throws {RangeError} if an option is no time.
   */
  constructor(scope: AdapterScope, bus: ClusterBus, options: ClusterOptions = {}) {
    super(scope);
    if (typeof bus?.publish !== "function") throw new TypeError("ClusterAdapter needs a bus");
    this.#bus = bus;
    this.#exchange = new Exchange(scope.name, bus, options, {
      failed: this.#tell,
      left: (uid) => this.#ackRequests.left(uid),
    });
    this.#ackRequests = new AckRequests(this.#exchange, bus);
    ({ uid: this.uid, ready: this.ready } = this.#exchange);
  }

  /** Starts to hear the other servers. */
  override async init(): Promise<void> {
    const { uid, rooms, sids, scope } = this;
    await this.#exchange.open({
      ...{ uid, rooms, sids, nsp: scope.name },
      receive: (message, offset) => this.#receive(message, offset),
      failed: this.#tell,
    }).catch(this.#tell);
  }

  /** Leaves the cluster. */
  override close(): Promise<void> {
    this.#ackRequests.close();
    this.#answering.close();
    return this.#exchange.close();
  }

  /** How many servers share the namespace, this one included, as far as is known. */
  override serverCount(): Promise<number> {
    return this.#exchange.serverCount();
  }

  /** Sends an event to the sockets of a target, on all servers. */
  override broadcast(packet: EventPacket, target: Target): void {
    if (target.flags?.local !== true) {
      const data = { packet: packetToWire(packet), opts: toWire(target) };
      this.#exchange.publish(MessageType.Broadcast, data);
    }
    super.broadcast(packet, target);
  }

  /** Sends an event to the sockets of a target, on all servers, and hands over each answer. */
  override broadcastWithAck(
    packet: EventPacket,
    target: Target,
    clientCount: (count: number) => void,
    ack: (response: readonly unknown[]) => void,
  ): () => void {
    if (target.flags?.local === true) {
      return super.broadcastWithAck(packet, target, clientCount, ack);
    }
    const requestId = randomId();
    const forget = this.#ackRequests.add(requestId, { clientCount, ack }, target.flags?.timeout);
    try {
      const data = { packet: packetToWire(packet), opts: toWire(target), requestId };
      this.#exchange.publish(MessageType.Broadcast, data);
      const stop = super.broadcastWithAck(packet, target, clientCount, ack);
      return () => {
        forget();
        stop();
      };
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** The ids of the sockets in any of these rooms, on all servers. */
  override async sockets(rooms: ReadonlySet<Room>): Promise<Set<SocketId>> {
    return new Set((await this.fetchSockets({ rooms })).map(({ id }) => id));
  }

  /**
   * The sockets of a target, on all servers.
   *
   * @throws {ClusterError} (rejects) if not all servers have answered in time; its `responses` are the
   * sockets that are known, those of this server among them.
   */
  override async fetchSockets(target: Target): Promise<SocketDetails[]> {
    if (target.flags?.local === true) return this.matching(target);
    return await new Promise<SocketDetails[]>((resolve, reject) => {
      const settle: Settle = (error, answers) => {
        const responses = [...this.matching(target), ...answers as SocketDetails[]];
        if (error === null) resolve(responses);
        else reject(Object.assign(error, { responses }));
      };
      const data = { opts: toWire(target) };
      this.#exchange.ask(MessageType.FetchSockets, data, settle, target.flags?.timeout);
    });
  }

  /** Makes the sockets of a target join rooms, on all servers. */
  override addSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local !== true) {
      this.#exchange.publish(MessageType.SocketsJoin, { opts: toWire(target), rooms });
    }
    super.addSockets(target, rooms);
  }

  /** Makes the sockets of a target leave rooms, on all servers. */
  override delSockets(target: Target, rooms: readonly Room[]): void {
    if (target.flags?.local !== true) {
      this.#exchange.publish(MessageType.SocketsLeave, { opts: toWire(target), rooms });
    }
    super.delSockets(target, rooms);
  }

  /** Ends the sockets of a target, on all servers. */
  override disconnectSockets(target: Target, close: boolean): void {
    if (target.flags?.local !== true) {
      this.#exchange.publish(MessageType.DisconnectSockets, { opts: toWire(target), close });
    }
    super.disconnectSockets(target, close);
  }

  /** Sends an event to the other servers. A function as last argument takes `(error, answers)`. */
  override serverSideEmit(args: readonly unknown[]): void {
    const settle = args.at(-1);
    if (typeof settle !== "function") {
      return this.#exchange.publish(MessageType.ServerSideEmit, { packet: args });
    }
    const told: Settle = (error, answers) => {
      this.invoke(settle as AnyListener, [error, answers], args[0] as string);
    };
    this.#exchange.ask(MessageType.ServerSideEmit, { packet: args.slice(0, -1) }, told);
  }

  /** Tells the bus of rooms, too. */
  protected override roomCreated(room: Room): void {
    this.#bus.roomCreated?.(room);
  }

  /** Tells the bus of rooms, too. */
  protected override roomDeleted(room: Room): void {
    this.#bus.roomDeleted?.(room);
  }

  /** Tells all others, and resolves as the bus does. */
  protected publish<Type extends MessageType>(
    type: Type,
    data: MessageData[Type],
  ): Promise<unknown> {
    return this.#exchange.send(type, data);
  }

  /** Takes a message that is for this namespace; `offset` is where the bus has recorded it. */
  protected received(message: ClusterMessage, _offset: string | undefined): void {
    if (message.uid !== this.uid) this.obey(message);
  }

  /** Does what another server has said. */
  protected obey(message: ClusterMessage): void {
    const { type, uid, data } = message;
    switch (type) {
      case MessageType.InitialHeartbeat:
        return this.#exchange.publish(MessageType.Heartbeat, undefined);
      case MessageType.Heartbeat:
        return;
      case MessageType.AdapterClose:
        return this.#exchange.left(uid);
      case MessageType.Broadcast:
        return this.#deliver(message);
      case MessageType.SocketsJoin:
        return super.addSockets(fromWire(data.opts), namesIn(data.rooms));
      case MessageType.SocketsLeave:
        return super.delSockets(fromWire(data.opts), namesIn(data.rooms));
      case MessageType.DisconnectSockets:
        return super.disconnectSockets(fromWire(data.opts), data.close === true);
      case MessageType.FetchSockets:
        return this.#describe(message);
      case MessageType.ServerSideEmit:
        return this.#answerServer(message);
      case MessageType.FetchSocketsResponse:
        return this.#exchange.answer(data.requestId, uid, data.sockets);
      case MessageType.ServerSideEmitResponse:
        return this.#exchange.answer(data.requestId, uid, [data.packet]);
      case MessageType.BroadcastClientCount:
        return this.#ackRequests.counted(data.requestId, uid, data.clientCount);
      case MessageType.BroadcastAck:
        return this.#ackRequests.answered(data.requestId, uid, data.packet);
    }
  }

  /** Tells of what has no caller that could be told. */
  protected failed(error: unknown): void {
    const known = error instanceof Error ? error : new ClusterError(String(error));
    if (!this.dispatch("error", [known])) this.scope.listenerFailed(known, "adapter");
  }

  #deliver({ uid, data }: MessageOf<typeof MessageType.Broadcast>): void {
    const { requestId } = data;
    const packet = packetFromWire(data.packet, this.scope.name);
    const target = fromWire(data.opts);
    if (requestId === undefined) return super.broadcast(packet, target);
    const { timeout } = target.flags ?? {};
    const count = (clientCount: number) => {
      // Servers of npm take a negative count for that of one more server. They always set a timeout.
      if (clientCount < 0 && timeout !== undefined) return;
      this.#exchange.respond(uid, MessageType.BroadcastClientCount, { requestId, clientCount });
    };
    const stop = super.broadcastWithAck(packet, target, count, ([answer]) => {
      this.#exchange.respond(uid, MessageType.BroadcastAck, { requestId, packet: answer });
    });
    if (timeout !== undefined) this.#answering.add(stop, timeout);
  }

  #describe({ uid, data }: MessageOf<typeof MessageType.FetchSockets>): void {
    const { requestId } = data;
    const sockets = this.matching(fromWire(data.opts)).map(socketToWire);
    const answer = (sockets: readonly SocketDetails[]) =>
      this.#exchange.respond(uid, MessageType.FetchSocketsResponse, { requestId, sockets });
    const writable = answer(sockets) ? undefined : withoutUnwritable(sockets, this.#tell);
    if (writable !== undefined) answer(writable);
  }

  #answerServer({ uid, data }: MessageOf<typeof MessageType.ServerSideEmit>): void {
    const { requestId, packet } = data;
    if (requestId === undefined) return this.scope.serverSideEvent(packet);
    let answered = false;
    this.scope.serverSideEvent([...packet, (answer: unknown) => {
      if (answered) return;
      const data = { requestId, packet: answer };
      answered = this.#exchange.respond(uid, MessageType.ServerSideEmitResponse, data);
    }]);
  }

  #receive(value: unknown, offset: string | undefined): void {
    try {
      const message = this.#exchange.read(value);
      if (message !== undefined) this.received(message, offset);
    } catch (error) {
      this.failed(error);
    }
  }
}
