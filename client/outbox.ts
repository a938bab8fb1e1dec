import type { AckCallback } from "../events/mod.ts";
import type { EventData, EventPacket } from "../parser/mod.ts";
import type { Connector } from "./connector.ts";
import { createRetryQueue, type RetryQueue } from "./retry_queue.ts";
import type { SendFlags } from "./sender.ts";

/** An event that waits for the connection. */
export interface BufferedEvent {
  /** The event. */
  readonly packet: EventPacket;
  /** How it travels. */
  readonly flags: SendFlags;
}

/** What an {@linkcode Outbox} needs of its socket. */
export interface OutboxSocket {
  /** The manager of the connection. */
  readonly io: Connector;
  /** The namespace. */
  readonly nsp: string;
  /** Whether the namespace is joined. */
  readonly connected: boolean;
  /** Sends an event right now. */
  sendPacket(packet: EventPacket, flags: SendFlags): void;
}

/** The events of a socket that are not settled: buffered, sent again, or not acknowledged. */
export class Outbox {
  /** Events that wait for the connection. */
  readonly buffer: BufferedEvent[] = [];
  readonly #socket: OutboxSocket;
  readonly #acks = new Map<number, AckCallback>();
  readonly #retryQueue: RetryQueue | undefined;
  #nextId = 0;

  /** Takes how often an event is sent again that is not acknowledged. */
  constructor(socket: OutboxSocket, retries: number | undefined) {
    this.#socket = socket;
    if (!retries) return;
    const queue = this.#retryQueue = createRetryQueue(retries, (data, flags, settle) => {
      this.#send(data, flags, (error, args) => {
        settle(error, args);
        if (socket.connected) queue.drain();
      });
    });
  }

  /** Sends an event as soon as that is possible. Returns how to await the answer no longer. */
  add(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void {
    const queue = this.#retryQueue;
    if (!queue || flags.volatile) return this.#send(data, flags, settle);
    const remove = queue.add(data, flags, settle);
    if (this.#socket.connected) queue.drain();
    return remove;
  }

  /** An answer came. */
  answered(id: number, args: readonly unknown[]): void {
    this.#acks.get(id)?.(undefined, args);
  }

  /** The namespace is joined: what waited can go. */
  connected(): void {
    for (let next; this.#socket.connected && (next = this.buffer.shift());) {
      this.#socket.sendPacket(next.packet, next.flags);
    }
    this.#retryQueue?.restart();
  }

  /** No answer will come to what was sent. */
  disconnected(): void {
    for (const id of [...this.#acks.keys()]) {
      if (this.buffer.some(({ packet }) => packet.id === id)) continue;
      this.#acks.get(id)?.(new Error("socket has been disconnected"), []);
    }
  }

  #send(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void {
    const { io, nsp, connected } = this.#socket;
    const id = settle && this.#nextId++;
    const packet: EventPacket = { type: 2, nsp, data, id };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = () => {
      clearTimeout(timer);
      this.#acks.delete(id!);
      const at = this.buffer.findIndex((buffered) => buffered.packet === packet);
      if (at >= 0) this.buffer.splice(at, 1);
    };
    const ready = connected && !io.engine?.hasExpired();
    if (flags.volatile && !(ready && io.engine?.writable)) {
      // With a limit of time, the answer is late in the end.
      if (flags.timeout === undefined) {
        settle?.(new Error("the event has been dropped"), []);
        return forget;
      }
    } else if (ready) this.#socket.sendPacket(packet, flags);
    else this.buffer.push({ packet, flags });
    if (settle) {
      const settled: AckCallback = (error, args) => {
        forget();
        settle(error, args);
      };
      this.#acks.set(id!, settled);
      if (flags.timeout !== undefined) {
        timer = setTimeout(
          () => settled(new Error("operation has timed out"), []),
          flags.timeout,
        );
      }
    }
    return forget;
  }
}
