import {
  type EventNamesWithoutAck,
  type EventParams,
  type EventsMap,
  inspectable,
  type RemoveAcknowledgements,
} from "../events/mod.ts";
import { PacketType } from "../parser/mod.ts";
import { EMITTER_UID, MessageType, type WireTarget } from "../server/adapter/cluster/message.ts";
import { checkEvent, listRooms, namespaceName, type Rooms } from "./names.ts";
import type { Outbox } from "./outbox.ts";

/** Whom a command is for, and how an event travels. */
interface Target {
  readonly rooms: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
  readonly flags: { readonly volatile?: boolean; readonly compress?: boolean };
}

const EVERYONE: Target = { rooms: new Set(), except: new Set(), flags: {} };

/**
 * Says whom something is for and how it travels, and sends it to the servers. It never changes: each
 * of `to`, `in`, `except`, `volatile` and `compress` returns a new operator, which may be kept and
 * used many times.
 */
export class BroadcastOperator<EmitEvents extends EventsMap> {
  /** The name of the namespace. */
  readonly nsp: string;
  readonly #outbox: Outbox;
  readonly #target: Target;

  static {
    inspectable(this, (operator: BroadcastOperator<EventsMap>) => ({
      nsp: operator.nsp,
      ...operator.#opts,
      ...operator.#target.flags,
    }));
  }

  /** Takes what sends, the namespace, and whom it is for: everyone, if that is not said. */
  constructor(outbox: Outbox, nsp: string, target: Target = EVERYONE) {
    this.#outbox = outbox;
    this.nsp = namespaceName(nsp);
    this.#target = target;
  }

  /** Adds rooms: a socket in several of them gets the event once. */
  to(room: Rooms): BroadcastOperator<EmitEvents> {
    return this.#with({ rooms: new Set([...this.#target.rooms, ...listRooms(room)]) });
  }

  /** The same as {@linkcode BroadcastOperator.to}. */
  in(room: Rooms): BroadcastOperator<EmitEvents> {
    return this.to(room);
  }

  /** Leaves out whoever is in one of these rooms. */
  except(room: Rooms): BroadcastOperator<EmitEvents> {
    return this.#with({ except: new Set([...this.#target.except, ...listRooms(room)]) });
  }

  /**
   * Drops the event for those whose transport cannot take it right now, such as a client on long
   * polling between two requests.
   */
  get volatile(): BroadcastOperator<EmitEvents> {
    return this.#with({ flags: { ...this.#target.flags, volatile: true } });
  }

  /** Sets whether transports that can compress do so; they do by default. */
  compress(compress: boolean): BroadcastOperator<EmitEvents> {
    return this.#with({ flags: { ...this.#target.flags, compress } });
  }

  /**
   * Sends an event to the clients meant. Returns `true` at once; if the broker does not get the
   * event, the option `onError` of the emitter is told.
   *
   * @throws {Error} if the name is reserved: `connect`, `connect_error`, `disconnect`,
   * `disconnecting`, `newListener` or `removeListener`.
   * @throws {TypeError} if an argument cannot travel, such as the function that takes an
   * acknowledgement.
   */
  emit<Event extends EventNamesWithoutAck<EmitEvents>>(
    event: Event,
    ...args: EventParams<RemoveAcknowledgements<EmitEvents>, Event>
  ): true {
    const data: unknown[] = [event, ...args];
    checkEvent(data);
    this.#outbox.send({
      type: MessageType.Broadcast,
      data: {
        packet: { type: PacketType.Event, data, nsp: this.nsp },
        opts: { ...this.#opts, flags: this.#target.flags },
      },
      nsp: this.nsp,
      uid: EMITTER_UID,
    });
    return true;
  }

  /** Makes the sockets meant join rooms. */
  socketsJoin(room: Rooms): void {
    this.#outbox.send({
      type: MessageType.SocketsJoin,
      data: { opts: this.#opts, rooms: listRooms(room) },
      nsp: this.nsp,
      uid: EMITTER_UID,
    });
  }

  /** Makes the sockets meant leave rooms. */
  socketsLeave(room: Rooms): void {
    this.#outbox.send({
      type: MessageType.SocketsLeave,
      data: { opts: this.#opts, rooms: listRooms(room) },
      nsp: this.nsp,
      uid: EMITTER_UID,
    });
  }

  /**
   * Disconnects the sockets meant.
   *
   * @param close whether to end their connections, too; `false` by default.
   */
  disconnectSockets(close: boolean = false): void {
    this.#outbox.send({
      type: MessageType.DisconnectSockets,
      data: { opts: this.#opts, close },
      nsp: this.nsp,
      uid: EMITTER_UID,
    });
  }

  get #opts(): WireTarget {
    return { rooms: [...this.#target.rooms], except: [...this.#target.except] };
  }

  #with(change: Partial<Target>): BroadcastOperator<EmitEvents> {
    return new BroadcastOperator<EmitEvents>(this.#outbox, this.nsp, {
      ...this.#target,
      ...change,
    });
  }
}
