import type {
  AckResult,
  AllButLast,
  DecorateAcknowledgements,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
} from "../../events/mod.ts";
import type { Room, SocketDetails, SocketId } from "../adapter/mod.ts";
import type { Handshake } from "./handshake.ts";
import { showRemoteSocket } from "./looks.ts";

/** Sends an event to one socket, wherever it is. */
export interface SingleTarget<EmitEvents extends EventsMap> {
  /** Sends the event. A function as last argument takes the answer. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true;
  /**
   * Sends the event and resolves to the answer.
   *
   * @throws {Error} (rejects) if the name is reserved, or the timeout is over.
   */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>>;
}

/** What a {@linkcode RemoteSocket} needs to reach the socket that it stands for. */
export interface SingleOperator<EmitEvents extends EventsMap> {
  /** Sends it an event; with a number, its answer is awaited that many milliseconds. */
  reach(timeout?: number): SingleTarget<DecorateAcknowledgements<EmitEvents>>;
  /** Makes it join rooms. */
  socketsJoin(room: Room | readonly Room[]): void;
  /** Makes it leave rooms. */
  socketsLeave(room: Room | readonly Room[]): void;
  /** Disconnects it. */
  disconnectSockets(close?: boolean): void;
}

/**
 * A socket as seen from any server of a cluster; what `fetchSockets()` returns. Sockets of the same
 * server are there themselves, and have these members as well.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { equal } from "node:assert/strict";
 *
 * const io = new Server();
 * io.use((socket, next) => {
 *   socket.data.name = "Ada";
 *   next();
 * });
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}`).on("age?", (done) => done(36));
 * await new Promise<void>((resolve) => client.on("connect", resolve));
 *
 * for (const socket of await io.fetchSockets()) {
 *   equal(socket.data.name, "Ada");
 *   socket.join("old");
 *   socket.leave("old");
 *   equal(await socket.timeout(10_000).emitWithAck("age?"), 36); // milliseconds
 *   socket.disconnect(true);
 * }
 * client.disconnect();
 * await io.close();
 * ```
 */
export class RemoteSocket<EmitEvents extends EventsMap, SocketData> {
  /** The id of the socket. */
  readonly id: SocketId;
  /** How it came to be. */
  readonly handshake: Handshake;
  /** The rooms that it was in when it was asked for. */
  readonly rooms: Set<Room>;
  /** The data that the program attached; a copy if the socket is on another server. */
  readonly data: SocketData;
  readonly #operator: SingleOperator<EmitEvents>;

  /** Takes what is known of the socket, and the operator that reaches it alone. */
  constructor(details: SocketDetails, operator: SingleOperator<EmitEvents>) {
    this.id = details.id;
    this.handshake = details.handshake as Handshake;
    this.rooms = new Set(details.rooms);
    this.data = details.data as SocketData;
    this.#operator = operator;
  }

  /**
   * Sends it an event. A function as last argument takes the answer, or an error, when there is one.
   *
   * @throws {Error} if the name is reserved.
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true {
    return (this.#operator.reach() as unknown as SingleTarget<EmitEvents>).emit(event, ...args);
  }

  /** Sets how many milliseconds its answer is awaited, which comes alone and not in a list. */
  timeout(timeout: number): SingleTarget<DecorateAcknowledgements<EmitEvents>> {
    return this.#operator.reach(timeout);
  }

  /** Makes it join rooms. */
  join(room: Room | readonly Room[]): void {
    this.#operator.socketsJoin(room);
  }

  /** Makes it leave a room. */
  leave(room: Room): void {
    this.#operator.socketsLeave(room);
  }

  /**
   * Disconnects it.
   *
   * @param close whether to end its connection, too; `false` by default.
   */
  disconnect(close: boolean = false): this {
    this.#operator.disconnectSockets(close);
    return this;
  }
}

showRemoteSocket(RemoteSocket);
