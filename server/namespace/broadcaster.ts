import {
  type AckResult,
  type DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  Emitter,
  type EventNamesWithError,
  type EventNamesWithoutAck,
  type EventParams,
  type EventsMap,
} from "../../events/mod.ts";
import type { Room, SocketId } from "../adapter/mod.ts";
import type { BroadcastOperator, RemoveLast } from "./broadcast.ts";
import type { RemoteSocket } from "./remote_socket.ts";

/** What has sockets to broadcast to: a namespace, or the server, which stands for its main one. */
export abstract class Broadcaster<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap,
  ReservedEvents extends EventsMap,
  SocketData,
> extends Emitter<ListenEvents, ReservedEvents> {
  /** An operator for everyone. */
  protected abstract everyone(): BroadcastOperator<EmitEvents, SocketData>;

  /** See {@linkcode BroadcastOperator.to}. */
  to(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().to(room);
  }

  /** See {@linkcode BroadcastOperator.in}. */
  in(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().in(room);
  }

  /** See {@linkcode BroadcastOperator.except}. */
  except(room: Room | readonly Room[]): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().except(room);
  }

  /** See {@linkcode BroadcastOperator.compress}. */
  compress(compress: boolean): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().compress(compress);
  }

  /** See {@linkcode BroadcastOperator.volatile}. */
  get volatile(): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().volatile;
  }

  /** See {@linkcode BroadcastOperator.local}. */
  get local(): BroadcastOperator<EmitEvents, SocketData> {
    return this.everyone().local;
  }

  /** See {@linkcode BroadcastOperator.timeout}. */
  timeout(
    timeout: number,
  ): BroadcastOperator<
    DecorateAcknowledgementsWithTimeoutAndMultipleResponses<EmitEvents>,
    SocketData
  > {
    return this.everyone().timeout(timeout);
  }

  /**
   * Sends an event to everyone. See {@linkcode BroadcastOperator.emit}; for one with an
   * acknowledgement say first how long to wait, by `timeout`.
   */
  emit<Event extends EventNamesWithoutAck<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): true {
    return this.everyone().emit(event, ...args);
  }

  /** See {@linkcode BroadcastOperator.emitWithAck}. */
  emitWithAck<Event extends EventNamesWithError<EmitEvents>>(
    event: Event,
    ...args: RemoveLast<EventParams<EmitEvents, Event>>
  ): Promise<AckResult<EmitEvents, Event>> {
    const emitWithAck = this.everyone().emitWithAck as (
      event: unknown,
      ...args: unknown[]
    ) => Promise<AckResult<EmitEvents, Event>>;
    return emitWithAck.call(this.everyone(), event, ...args as unknown[]);
  }

  /** Sends the event `message` to everyone. */
  send(...args: EventParams<EmitEvents, "message">): this {
    this.everyone().emit("message", ...args);
    return this;
  }

  /** The same as {@linkcode Broadcaster.send}. */
  write(...args: EventParams<EmitEvents, "message">): this {
    return this.send(...args);
  }

  /**
   * The ids of all sockets.
   *
   * @deprecated Use {@linkcode Broadcaster.fetchSockets}, which tells more.
   */
  allSockets(): Promise<Set<SocketId>> {
    return this.everyone().allSockets();
  }

  /** See {@linkcode BroadcastOperator.fetchSockets}. */
  fetchSockets(): Promise<RemoteSocket<EmitEvents, SocketData>[]> {
    return this.everyone().fetchSockets();
  }

  /** See {@linkcode BroadcastOperator.socketsJoin}. */
  socketsJoin(room: Room | readonly Room[]): void {
    this.everyone().socketsJoin(room);
  }

  /** See {@linkcode BroadcastOperator.socketsLeave}. */
  socketsLeave(room: Room | readonly Room[]): void {
    this.everyone().socketsLeave(room);
  }

  /** See {@linkcode BroadcastOperator.disconnectSockets}. */
  disconnectSockets(close: boolean = false): void {
    this.everyone().disconnectSockets(close);
  }
}
