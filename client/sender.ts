import type {
  AckCallback,
  AckResult,
  AllButLast,
  DecorateAcknowledgements,
  EventNames,
  EventNamesWithAck,
  EventParams,
  EventsMap,
} from "../events/mod.ts";

/** How one event travels. */
export interface SendFlags {
  /** Drop it if it cannot leave at once. */
  readonly volatile?: boolean;
  /** Whether a transport that can compress does so. */
  readonly compress?: boolean;
  /** Milliseconds that the acknowledgement may take. */
  readonly timeout?: number | undefined;
}

/** What a {@linkcode Sender} needs of its socket. */
export interface EventSender {
  /**
   * Sends an event.
   *
   * @param settle takes the answer in place of a function among the arguments.
   * @returns how to await the answer no longer.
   */
  sendEvent(
    event: string | symbol,
    args: readonly unknown[],
    flags: SendFlags,
    settle?: AckCallback,
  ): () => void;
}

/** The arguments of an event without its acknowledgement, then a signal that may end the wait. */
export type ArgsWithSignal<Events extends EventsMap, Event extends EventNames<Events>> =
  | AllButLast<EventParams<Events, Event>>
  | [...AllButLast<EventParams<Events, Event>>, AbortSignal];

/**
 * Says how the next event of a socket travels, and sends it. It never changes: each method returns
 * a new one.
 */
export class Sender<EmitEvents extends EventsMap> {
  readonly #socket: EventSender;
  readonly #flags: SendFlags;

  /** Takes the socket and the flags. */
  constructor(socket: EventSender, flags: SendFlags) {
    this.#socket = socket;
    this.#flags = flags;
  }

  /** Drops the event if it cannot leave at once. */
  get volatile(): Sender<EmitEvents> {
    return this.#with({ volatile: true });
  }

  /** Sets whether a transport that can compress does so; it does by default. */
  compress(compress: boolean): Sender<EmitEvents> {
    return this.#with({ compress });
  }

  /** Sets how many milliseconds the answer is awaited; the acknowledgement takes an error first. */
  timeout(timeout: number): Sender<DecorateAcknowledgements<EmitEvents>> {
    return this.#with({ timeout }) as unknown as Sender<DecorateAcknowledgements<EmitEvents>>;
  }

  /** Sends the event. */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventParams<EmitEvents, Event>
  ): this {
    this.#socket.sendEvent(event, args, this.#flags);
    return this;
  }

  /** Sends the event and resolves to the answer, see the method of the socket. */
  emitWithAck<Event extends EventNamesWithAck<EmitEvents>>(
    event: Event,
    ...args: ArgsWithSignal<EmitEvents, Event>
  ): Promise<AckResult<EmitEvents, Event>> {
    return emitWithAck(this.#socket, event, args, this.#flags) as Promise<
      AckResult<EmitEvents, Event>
    >;
  }

  /** Sends the event `message`. */
  send(...args: EventParams<EmitEvents, "message">): this {
    return this.emit("message", ...args);
  }

  #with(flags: SendFlags): Sender<EmitEvents> {
    return new Sender(this.#socket, { ...this.#flags, ...flags });
  }
}

/** Sends an event and resolves to the answer. The last argument may be a signal. */
export function emitWithAck(
  socket: EventSender,
  event: string | symbol,
  args: readonly unknown[],
  flags: SendFlags,
): Promise<unknown> {
  const sent = [...args];
  const signal = sent.at(-1) instanceof AbortSignal ? sent.pop() as AbortSignal : undefined;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const forget = socket.sendEvent(event, sent, flags, (error, [answer]) => {
      signal?.removeEventListener("abort", abort);
      error ? reject(error) : resolve(answer);
    });
    const abort = () => {
      forget();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort);
  });
}
