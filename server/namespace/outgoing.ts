import {
  type AckResult,
  type DecorateAcknowledgements,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  type EventNames,
  type EventNamesWithAck,
  type EventParams,
  type EventsMap,
  inspectable,
} from "../../events/mod.ts";
import type { BroadcastFlags, Room, SocketId } from "../adapter/mod.ts";
import type { BroadcastOperator, RemoveLast } from "./broadcast.ts";

/** What a {@linkcode SocketOperator} needs of its socket. */
export interface Sender<EmitEvents extends EventsMap, SocketData> {
  /** The id of the socket. */
  readonly id: SocketId;
  /** Sends an event to the client of this socket. The list, name first, becomes the packet's. */
  sendEvent(data: unknown[], flags: BroadcastFlags): void;
  /** An operator for everyone else. */
  others(flags: BroadcastFlags): BroadcastOperator<EmitEvents, SocketData>;
}

/**
 * Says how the next event of a socket travels, and sends it. It never changes: each method returns
 * a new operator.
 *
 * @example
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { io as connect } from "@sockeye/io/client";
 * import { equal } from "node:assert/strict";
 *
 * const io = new Server();
 * const failure = new Promise<Error>((resolve) => {
 *   io.on("connection", (socket) => {
 *     socket.volatile.emit("position", 1, 2); // dropped if it cannot leave now
 *     socket.compress(false).emit("image", new Uint8Array(10));
 *     socket.timeout(10).emitWithAck("a question without an answer").catch(resolve);
 *   });
 * });
 * const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = connect(`http://127.0.0.1:${port}`);
 * equal((await failure).message, "operation has timed out");
 * client.disconnect();
 * await io.close();
 * ```
 */
export class SocketOperator<
  EmitEvents extends EventsMap,
  SocketData,
  BroadcastEvents extends EventsMap = EmitEvents,
> {
  readonly #sender: Sender<EmitEvents, SocketData>;
  readonly #flags: BroadcastFlags;

  static {
    inspectable(this, (operator: SocketOperator<EventsMap, unknown>) => ({
      socket: operator.#sender.id,
      flags: operator.#flags,
    }));
  }

  /** Takes the socket and the flags. */
  constructor(sender: Sender<EmitEvents, SocketData>, flags: BroadcastFlags) {
    this.#sender = sender;
    this.#flags = flags;
  }

  /**
   * Drops the event if the transport cannot take it right now: on long polling, if no request waits;
   * on a WebSocket, behind another event of the same turn, or what still waits to be sent.
   */
  get volatile(): SocketOperator<EmitEvents, SocketData, BroadcastEvents> {
    return this.#with({ volatile: true });
  }

  /** Sets whether a transport that can compress does so; it does by default. */
  compress(compress: boolean): SocketOperator<EmitEvents, SocketData, BroadcastEvents> {
    return this.#with({ compress });
  }

  /**
   * Sets how many milliseconds the answer is awaited. The acknowledgement takes an error first, `null`
   * if there is none: `operation has timed out`, or `socket has been disconnected`.
   */
  timeout(
    timeout: number,
  ): SocketOperator<
    DecorateAcknowledgements<EmitEvents>,
    SocketData,
    DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>
  > {
    return this.#with({ timeout }) as unknown as SocketOperator<
      DecorateAcknowledgements<EmitEvents>,
      SocketData,
      DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>
    >;
  }

  /** Sends the event to this socket's client. See `Socket.emit` for its errors. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true;
  emit(...data: unknown[]): true {
    this.#sender.sendEvent(data, this.#flags);
    return true;
  }

  /**
   * Sends the event and resolves to the answer.
   *
   * @throws {Error} (rejects) when the timeout is over, or the client is gone.
   */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>> {
    return emitWithAck(this.#sender, event, args, this.#flags) as Promise<
      AckResult<EmitEvents, Event>
    >;
  }

  /** Sends the event `message`. */
  send(...args: EventParams<EmitEvents, "message">): this {
    this.#sender.sendEvent(["message", ...args], this.#flags);
    return this;
  }

  /** The same as {@linkcode SocketOperator.send}. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  /** An operator for the members of rooms, without this socket. */
  to(room: Room | readonly Room[]): BroadcastOperator<BroadcastEvents, SocketData> {
    return this.broadcast.to(room);
  }

  /** The same as {@linkcode SocketOperator.to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<BroadcastEvents, SocketData> {
    return this.to(room);
  }

  /** An operator for everyone but this socket and the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<BroadcastEvents, SocketData> {
    return this.broadcast.except(room);
  }

  /** An operator for everyone but this socket. */
  get broadcast(): BroadcastOperator<BroadcastEvents, SocketData> {
    // The acknowledgements of the map are those of this socket alone: the two are the same at run time.
    return this.#sender.others(this.#flags) as unknown as BroadcastOperator<
      BroadcastEvents,
      SocketData
    >;
  }

  /** An operator for everyone on this server but this socket. */
  get local(): BroadcastOperator<BroadcastEvents, SocketData> {
    return this.broadcast.local;
  }

  #with(flags: BroadcastFlags): SocketOperator<EmitEvents, SocketData, BroadcastEvents> {
    return new SocketOperator<EmitEvents, SocketData, BroadcastEvents>(this.#sender, {
      ...this.#flags,
      ...flags,
    });
  }
}

/** Marks an acknowledgement that takes an error first although no timeout is set. */
export type AckOfPromise = ((error: Error | null, answer: unknown) => void) & {
  readonly takesError: true;
};

/** Sends an event and resolves to the answer. */
export function emitWithAck<EmitEvents extends EventsMap, SocketData>(
  sender: Sender<EmitEvents, SocketData>,
  event: string | symbol,
  args: readonly unknown[],
  flags: BroadcastFlags,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ack = (error: Error | null, answer: unknown) => error ? reject(error) : resolve(answer);
    sender.sendEvent([event, ...args, Object.assign(ack, { takesError: true })], flags);
  });
}
