import {
  type AckResult,
  type AnyListener,
  type DecorateAcknowledgements,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type EventNames,
  type EventNamesWithError,
  type EventParams,
  type EventsMap,
  inspectable,
} from "../../events/mod.ts";
import { type EventData, PacketType } from "../../parser/mod.ts";
import type { Adapter, BroadcastFlags, Room, SocketId, Target } from "../adapter/mod.ts";
import { collectAnswers } from "./broadcast_ack.ts";
import { checkEventName } from "./event_name.ts";
import { lookOfTarget } from "./looks.ts";
import { RemoteSocket, type SingleTarget } from "./remote_socket.ts";
import { listRooms } from "./rooms.ts";

/** What a broadcast needs to know of its namespace. */
export interface Audience {
  /** The name of the namespace. */
  readonly name: string;
  /** Who reaches its sockets. */
  readonly adapter: Adapter;
  /** Calls the acknowledgement of a broadcast. MUST NOT throw what it throws. */
  acknowledge(ack: AnyListener, args: readonly unknown[], event: string | symbol): void;
}

const EVERYONE: ReadonlySet<Room> = new Set();

/**
 * Says whom an event is for and how it travels, and sends it. It never changes: each method returns
 * a new operator, which may be kept and used many times.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const io = new Server();
 * io.on("connection", (socket) => socket.join(["news", "sports"]));
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const clients = [1, 2].map((answer) =>
 *   connect(`http://127.0.0.1:${port}`, { forceNew: true }).on("vote", (done) => done(answer))
 * );
 * await Promise.all(clients.map((client) => new Promise<void>((go) => client.on("connect", go))));
 *
 * const fans = io.to("news").to("sports").except("muted"); // each of them once
 * fans.emit("score", 2, 1);
 * fans.local.volatile.compress(false).emit("minute", 90);
 * deepEqual((await fans.timeout(10_000).emitWithAck("vote")).sort(), [1, 2]); // milliseconds
 *
 * const [one] = await fans.fetchSockets();
 * io.to(one!.id).socketsJoin("muted");
 * equal((await fans.fetchSockets()).length, 1);
 * io.in("muted").socketsLeave("news");
 * io.in("sports").disconnectSockets(true); // true: their connections, too
 * equal((await io.fetchSockets()).length, 0);
 * for (const client of clients) client.disconnect();
 * await io.close();
 * ```
 */
export class BroadcastOperator<EmitEvents extends EventsMap, SocketData> {
  readonly #audience: Audience;
  readonly #rooms: ReadonlySet<Room>;
  readonly #except: ReadonlySet<Room>;
  readonly #flags: BroadcastFlags;

  static {
    inspectable(
      this,
      (operator: BroadcastOperator<EventsMap, unknown>) =>
        lookOfTarget(operator.#audience.name, operator.#target),
    );
  }

  /** Takes the namespace, the rooms (none means everyone), whom to leave out, and the flags. */
  constructor(
    audience: Audience,
    rooms: ReadonlySet<Room> = EVERYONE,
    except: ReadonlySet<Room> = EVERYONE,
    flags: BroadcastFlags = {},
  ) {
    this.#audience = audience;
    this.#rooms = rooms;
    this.#except = except;
    this.#flags = flags;
  }

  /** Adds rooms: a socket in several of them gets the event once. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.#with({ rooms: extended(this.#rooms, room) });
  }

  /** The same as {@linkcode BroadcastOperator.to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.to(room);
  }

  /** Leaves out whoever is in one of these rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.#with({ except: extended(this.#except, room) });
  }

  /** Sets whether transports that can compress do so; they do by default. */
  compress(compress: boolean): BroadcastOperator<EmitEvents, SocketData> {
    return this.#with({ flags: { compress } });
  }

  /**
   * Drops the event for those whose transport cannot take it right now, such as a client on long
   * polling between two requests.
   */
  get volatile(): BroadcastOperator<EmitEvents, SocketData> {
    return this.#with({ flags: { volatile: true } });
  }

  /** Leaves out the other servers of a cluster. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.#with({ flags: { local: true } });
  }

  /**
   * Sets how many milliseconds answers are awaited. Without it they are awaited until all have
   * answered or are gone.
   */
  timeout(
    timeout: number,
  ): BroadcastOperator<
    DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>,
    SocketData
  > {
    return this.#with({ flags: { timeout } }) as unknown as BroadcastOperator<
      DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>,
      SocketData
    >;
  }

  /**
   * Sends an event. A function as last argument is called with `(error, answers)` when all have
   * answered, or with an error when the {@linkcode BroadcastOperator.timeout} is over, or nobody is
   * left who could answer; `error.responses` holds the answers that came.
   *
   * @throws {Error} if the name is reserved: `connect`, `connect_error`, `disconnect`,
   * `disconnecting`, `newListener` or `removeListener`.
   * @throws {TypeError | RangeError} if the format cannot express an argument.
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true {
    checkEventName(event);
    const data: unknown[] = [event, ...args];
    const ack = typeof data.at(-1) === "function" ? data.pop() : undefined;
    const packet = {
      type: PacketType.Event,
      nsp: this.#audience.name,
      data: data as unknown as EventData,
    };
    const audience = this.#audience;
    if (ack === undefined) audience.adapter.broadcast(packet, this.#target);
    else {
      collectAnswers(audience.adapter, packet, this.#target, (...args) => {
        audience.acknowledge(ack as AnyListener, args, event);
      });
    }
    return true;
  }

  /**
   * Sends an event and resolves to the answers of all.
   *
   * @throws {Error} (rejects) when the timeout is over; `error.responses` holds what came.
   */
  emitWithAck<Event extends EventNamesWithError<EmitEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>> {
    return new Promise((resolve, reject) => {
      const ack = (error: Error | null, responses: unknown) =>
        error === null ? resolve(responses as AckResult<EmitEvents, Event>) : reject(error);
      this.emit(event, ...[...args, ack] as unknown as EventParams<EmitEvents, Event>);
    });
  }

  /**
   * The ids of the sockets in the rooms, whatever `except()` says.
   *
   * @deprecated Use {@linkcode BroadcastOperator.fetchSockets}, which tells more.
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.#audience.adapter.sockets(this.#rooms);
  }

  /** The sockets meant, of all servers. Those of this server are the sockets themselves. */
  async fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    const sockets = await this.#audience.adapter.fetchSockets(this.#target);
    return sockets.map((socket) =>
      "nsp" in socket
        ? socket as unknown as RemoteSocket<EmitEvents, SocketData>
        : new RemoteSocket(socket, new BroadcastOperator(this.#audience, new Set([socket.id])))
    );
  }

  /** Makes the sockets meant join rooms, on all servers. */
  socketsJoin(room: Room | readonly Room[]): void {
    this.#audience.adapter.addSockets(this.#target, [...listRooms(room)]);
  }

  /** Makes the sockets meant leave rooms, on all servers. */
  socketsLeave(room: Room | readonly Room[]): void {
    this.#audience.adapter.delSockets(this.#target, [...listRooms(room)]);
  }

  /**
   * Disconnects the sockets meant, on all servers.
   *
   * @param close whether to end their connections, too; `false` by default.
   */
  disconnectSockets(close: boolean = false): void {
    this.#audience.adapter.disconnectSockets(this.#target, close);
  }

  /** Reaches the one socket meant: its answer comes alone instead of in a list. */
  reach(timeout?: number): SingleTarget<DecorateAcknowledgements<EmitEvents>> {
    const flags = { expectSingleResponse: true, ...(timeout === undefined ? {} : { timeout }) };
    return this.#with({ flags }) as unknown as SingleTarget<DecorateAcknowledgements<EmitEvents>>;
  }

  get #target(): Target {
    return { rooms: this.#rooms, except: this.#except, flags: this.#flags };
  }

  #with(change: Partial<Target>): BroadcastOperator<EmitEvents, SocketData> {
    return new BroadcastOperator<EmitEvents, SocketData>(
      this.#audience,
      change.rooms ?? this.#rooms,
      change.except ?? this.#except,
      change.flags === undefined ? this.#flags : { ...this.#flags, ...change.flags },
    );
  }
}

/** All but the acknowledgement. */
export type RemoveLast<Params extends unknown[]> = Params extends [...infer Rest, infer _Last]
  ? Rest
  : Params;

function extended(rooms: ReadonlySet<Room>, added: Room | readonly Room[]): Set<Room> {
  const set = rooms.size === 0 ? new Set<Room>() : new Set(rooms);
  if (typeof added === "string") set.add(added);
  else for (const room of listRooms(added)) set.add(room);
  return set;
}
