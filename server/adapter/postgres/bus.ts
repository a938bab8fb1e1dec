import {
  type ClusterBus,
  ClusterError,
  type ClusterMessage,
  MessageType,
  type Receiver,
} from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import type { Attachments } from "./attachments.ts";
import type { ChannelHandler, Database } from "./database.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { encodeMessage } from "./payload.ts";

/** The way of the messages of one namespace through PostgreSQL. */
export class PostgresBus implements ClusterBus {
  readonly #database: Database;
  readonly #attachments: Attachments;
  readonly #channel: string;
  readonly #threshold: number;
  readonly #outbox: Outbox;
  readonly #opened: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  #stop: (() => Promise<unknown>) | undefined;
  #listening = false;
  #lost = false;

  constructor(database: Database, attachments: Attachments, channel: string, threshold: number) {
    this.#database = database;
    this.#attachments = attachments;
    this.#channel = channel;
    this.#threshold = threshold;
    this.#outbox = new Outbox(database, attachments, channel);
  }

  /** Resolves once it listens, which it tries until it is closed. */
  open(receiver: Receiver): Promise<void> {
    const inbox = new Inbox(this.#attachments, receiver);
    const unuse = this.#attachments.use((error) => receiver.failed(error));
    const stop = this.#database.listen(this.#channel, this.#handler(receiver, inbox));
    this.#stop = () => {
      inbox.close();
      unuse();
      return stop();
    };
    return this.#opened.promise;
  }

  publish(message: ClusterMessage, binary: boolean): Promise<void> {
    return this.#outbox.send(encodeMessage(message, binary, this.#threshold));
  }

  respond(_uid: string, message: ClusterMessage, binary: boolean): Promise<void> {
    return this.publish(message, binary);
  }

  async close(): Promise<void> {
    // Whoever waits for a database that is away waits no longer.
    this.#opened.resolve();
    const stopped = this.#stop?.();
    await Promise.all([stopped, this.#outbox.drained()]);
  }

  #handler(receiver: Receiver, inbox: Inbox): ChannelHandler {
    return {
      notified: (payload) => inbox.notified(payload),
      listening: () => {
        // Some clients tell of a loss only now.
        if (this.#listening && !this.#lost) receiver.failed(loss());
        if (this.#listening) this.#greet(receiver);
        this.#listening = true;
        this.#lost = false;
        this.#opened.resolve();
      },
      failed: (cause) => {
        this.#lost = true;
        receiver.failed(this.#listening ? loss(cause) : away(cause));
      },
    };
  }

  /** The others may count as gone, since they were not heard; they are asked whether they are there. */
  #greet(receiver: Receiver): void {
    const { uid, nsp } = receiver;
    this.publish({ uid, nsp, type: MessageType.InitialHeartbeat, data: undefined }, false)
      .catch((error) => receiver.failed(error));
  }
}

function loss(cause?: unknown): ClusterError {
  const reason = cause === undefined ? "" : `: ${reasonOf(cause)}`;
  return new ClusterError(
    `The connection that listens to PostgreSQL is lost, and with it what the other servers say until it is back${reason}`,
    { cause },
  );
}

function away(cause: unknown): ClusterError {
  return new ClusterError(
    `Cannot listen to PostgreSQL, which will be tried again: ${reasonOf(cause)}`,
    { cause },
  );
}
