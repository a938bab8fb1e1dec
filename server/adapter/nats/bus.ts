import { decodeValue, encodeValue } from "../../../parser/msgpack/mod.ts";
import {
  type ClusterBus,
  ClusterError,
  type ClusterMessage,
  MessageType,
  type Receiver,
} from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import type { NatsConnection, NatsMessage, NatsSubscription } from "./connection.ts";
import { divide, isDivisible, Parts } from "./parts.ts";
import { subjectOf } from "./subject.ts";
import type { Watch } from "./watch.ts";

// What servers call themselves; anything else may be no word of a subject.
const UID = /^[\w-]{1,64}$/;

/** One namespace over a connection to NATS. */
export class NatsBus implements ClusterBus {
  readonly #connection: NatsConnection;
  readonly #watch: Watch;
  readonly #prefix: string;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #parts = new Parts((error) => this.#receiver?.failed(error));
  #receiver: Receiver | undefined;
  #subscriptions: readonly NatsSubscription[] = [];

  constructor(connection: NatsConnection, watch: Watch, prefix: string) {
    this.#connection = connection;
    this.#watch = watch;
    this.#prefix = prefix;
  }

  /** Listens. */
  async open(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    const subject = subjectOf(this.#prefix, receiver.nsp);
    const callback = (error: Error | null, message: NatsMessage) => {
      if (error === null) this.#receive(message);
      else receiver.failed(error);
    };
    this.#subscriptions = [subject, `${subject}.${receiver.uid}`].map((subject) =>
      this.#connection.subscribe(subject, { callback })
    );
    this.#watch.add(receiver);
    await Promise.race([this.#flushed(), this.#closed.promise]);
  }

  /** Sends to all. */
  publish(message: ClusterMessage): void | Promise<void> {
    return this.#send(subjectOf(this.#prefix, message.nsp), message);
  }

  /** Sends to one. */
  respond(uid: string, message: ClusterMessage): void | Promise<void> {
    if (!UID.test(uid)) {
      throw new ClusterError(
        `Cannot answer ${JSON.stringify(uid.slice(0, 64))}: that is the name of no server`,
      );
    }
    return this.#send(`${subjectOf(this.#prefix, message.nsp)}.${uid}`, message);
  }

  /** Listens no more. */
  async close(): Promise<void> {
    this.#closed.resolve();
    if (this.#receiver === undefined) return;
    const { isAway } = this.#watch;
    this.#parts.close();
    this.#watch.remove(this.#receiver);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    // The program may end the connection next, and the goodbye with it.
    if (!isAway) await this.#connection.flush();
  }

  #send(subject: string, message: ClusterMessage): void | Promise<void> {
    const frames = this.#encode(message);
    // What is sent while the connection is lost, the client throws away when it tries to come back.
    if (this.#watch.isAway) return away(message);
    try {
      for (const bytes of frames) this.#connection.publish(subject, bytes);
    } catch (cause) {
      return Promise.reject(new ClusterError(`Cannot send message: ${reasonOf(cause)}`, { cause }));
    }
  }

  #encode(message: ClusterMessage): readonly Uint8Array[] {
    const bytes = encodeValue(message);
    const max = this.#connection.info?.max_payload;
    if (max === undefined || bytes.length <= max) return [bytes];
    if (isDivisible(message)) return divide(message, max, (error) => this.#receiver?.failed(error));
    throw new TypeError(
      `Cannot send message: it has ${bytes.length} bytes, and NATS takes ${max} at most`,
    );
  }

  #receive({ data }: NatsMessage): void {
    let message: unknown;
    try {
      message = decodeValue(data);
    } catch (cause) {
      const told = `Cannot read what came by NATS: it is no MessagePack: ${reasonOf(cause)}`;
      return this.#receiver?.failed(new ClusterError(told, { cause }));
    }
    try {
      const whole = this.#parts.take(message, data.length);
      if (whole !== undefined) this.#receiver?.receive(whole);
    } catch (error) {
      this.#receiver?.failed(error);
    }
  }

  /** Resolves as soon as the server knows what is listened to; if the connection is lost, once it is back. */
  async #flushed(): Promise<void> {
    for (;;) {
      try {
        return await this.#connection.flush();
      } catch (error) {
        if (this.#connection.isClosed()) throw error;
      }
    }
  }
}

/** A goodbye does not have to be heard. */
function away({ type }: ClusterMessage): Promise<void> | undefined {
  return type === MessageType.AdapterClose
    ? undefined
    : Promise.reject(new ClusterError("Cannot send message: there is no connection to NATS"));
}
