import type {
  DefaultEventsMap,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  RemoveAcknowledgements,
} from "../events/mod.ts";
import { EMITTER_UID, MessageType } from "../server/adapter/cluster/message.ts";
import { checkServerSideEvent } from "./names.ts";
import { BroadcastOperator } from "./operator.ts";
import type { FailureOptions, Outbox } from "./outbox.ts";

/** What the emitters of all brokers can do: whatever is sent by one itself is for everyone. */
export abstract class BrokerEmitter<
  EmitEvents extends EventsMap = DefaultEventsMap,
  ServerSideEvents extends EventsMap = DefaultEventsMap,
> extends BroadcastOperator<EmitEvents> {
  /** As options, these make an emitter that sends by what this one sends by. */
  protected readonly shared: FailureOptions;
  readonly #outbox: Outbox;

  /**
   * Takes what sends, and the namespace.
   *
   * @throws {TypeError} if the name of the namespace is no text.
   */
  constructor(outbox: Outbox, nsp: string) {
    super(outbox, nsp);
    this.shared = outbox;
    this.#outbox = outbox;
  }

  /** The emitter of another namespace, with the same client and options. */
  abstract of(nsp: string): BrokerEmitter<EmitEvents, ServerSideEvents>;

  /**
   * Sends an event to the servers, whose namespace has the listeners.
   *
   * @throws {Error} if the name is reserved: `connect`, `connection`, `new_namespace` or
   * `session_expired`.
   * @throws {TypeError} if an argument cannot travel, such as the function that takes an
   * acknowledgement.
   */
  serverSideEmit<Event extends EventNamesWithoutAck<ServerSideEvents>>(
    event: Event,
    ...args: EventParams<RemoveAcknowledgements<ServerSideEvents>, Event>
  ): void {
    const packet: unknown[] = [event, ...args];
    checkServerSideEvent(packet);
    this.#outbox.send({
      type: MessageType.ServerSideEmit,
      data: { packet },
      nsp: this.nsp,
      uid: EMITTER_UID,
    });
  }

  /**
   * Resolves once the broker has all that was sent so far, by the emitters of this client that come
   * from one another; to be awaited before the client is closed. Never rejects: what failed has been
   * told to the option `onError` by then.
   */
  flush(): Promise<void> {
    return this.#outbox.flush();
  }
}
