import type { ClusterError, ClusterMessage, Receiver } from "../cluster/mod.ts";
import type { Item } from "./frame.ts";
import { pack, unpack } from "./pack.ts";
import type { Port } from "./port.ts";
import { ReliableChannel, type ReliableChannelOptions } from "./reliable_channel.ts";

/** The namespaces of one server, over one channel. */
export class Hub {
  readonly #channel: ReliableChannel;
  readonly #receivers = new Map<string, Receiver>();

  constructor(open: () => Port, options: ReliableChannelOptions) {
    this.#channel = new ReliableChannel(open, {
      deliver: (items) => this.#deliver(items),
      failed: (error) => this.#failed(error),
    }, options);
  }

  /** Whether a namespace of this name can be added. */
  takes(nsp: string): boolean {
    return !this.#receivers.has(nsp);
  }

  /** Adds a namespace. The first opens the channel. */
  add(receiver: Receiver): void {
    this.#receivers.set(receiver.nsp, receiver);
    if (this.#receivers.size === 1) this.#channel.open();
  }

  /** Removes a namespace. Returns whether it was the last one. */
  remove(nsp: string): boolean {
    return this.#receivers.delete(nsp) && this.#receivers.size === 0;
  }

  /**
   * Sends a message to the others; an answer names the server that it is `to`.
   *
   * @throws {TypeError} if it holds what cannot travel.
   */
  send(message: ClusterMessage, to: string): void {
    this.#channel.send(pack(message.nsp, to, message));
  }

  /** Closes the channel, as soon as the others have all that was sent, or soon if they do not. */
  close(): Promise<void> {
    return this.#channel.close();
  }

  #deliver(items: readonly Item[]): void {
    for (const [nsp, to, message] of items) {
      const receiver = this.#receivers.get(nsp);
      if (receiver === undefined || (to !== "" && to !== receiver.uid)) continue;
      try {
        receiver.receive(unpack(message));
      } catch (error) {
        receiver.failed(error);
      }
    }
  }

  #failed(error: ClusterError): void {
    const [first] = this.#receivers.values();
    first?.failed(error);
  }
}
