import type { AckCallback } from "../events/mod.ts";
import type { EventData, EventPacket } from "../parser/mod.ts";
import type { Connector } from "./connector.ts";
import { remove } from "./remove.ts";
import { createRetryQueue, type RetryingSocket } from "./retry_queue.ts";
import type { SendFlags } from "./sender.ts";

/** An event that waits for the connection. */
export interface BufferedEvent extends EventPacket {
  /** How it travels. */
  readonly flags: SendFlags;
}

/** What an {@linkcode Outbox} needs of its socket. */
export interface OutboxSocket extends RetryingSocket {
  /** The manager of the connection. */
  readonly io: Connector;
  /** The namespace. */
  readonly nsp: string;
  /** Events that wait for the connection. The program may put others in their place. */
  sendBuffer: BufferedEvent[];
  /** Sends an event right now. */
  sendPacket(packet: EventPacket, flags: SendFlags): void;
}

/** The events of a socket that are not settled: buffered, sent again, or not acknowledged. */
export interface Outbox {
  /** Sends an event as soon as that is possible. Returns how to await the answer no longer. */
  add(data: EventData, flags: SendFlags, settle: AckCallback | undefined): () => void;
  /** An answer came. */
  answered(id: number, args: readonly unknown[]): void;
  /** The namespace is joined: what waited can go. */
  connected(): void;
  /** No answer will come to what was sent. */
  disconnected(): void;
}

/** Makes an outbox. Takes how often an event is sent again that is not acknowledged. */
export function createOutbox(socket: OutboxSocket, retries: number = 0): Outbox {
  const acks = new Map<number | undefined, AckCallback>();
  let nextId = 0;

  const send: Outbox["add"] = (data, flags, settle) => {
    const { io: { engine }, nsp, connected } = socket;
    const { timeout, volatile } = flags;
    const id = settle && nextId++;
    const packet: EventPacket = { type: 2, nsp, data, id };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = () => {
      clearTimeout(timer);
      remove(socket.sendBuffer, packet);
      acks.delete(id);
    };
    const settled: AckCallback = (error, args) => {
      forget();
      settle?.(error, args);
    };
    const failed = (reason: string) => settled(new Error(reason), []);
    if (settle) {
      acks.set(id, settled);
      if (timeout !== undefined) {
        timer = setTimeout(() => failed("operation has timed out"), timeout);
      }
    }
    const ready = connected && !engine?.hasExpired();
    if (volatile && !(ready && engine?.writable)) {
      // With a limit of time, the answer is late in the end.
      if (timeout === undefined) failed("the event has been dropped");
    } else if (ready) socket.sendPacket(packet, flags);
    else socket.sendBuffer.push(Object.assign(packet, { flags }));
    return forget;
  };
  const queue = createRetryQueue(retries, send, socket);

  return {
    add: (...event) => (!retries || event[1].volatile ? send : queue.add)(...event),
    answered: (id, args) => acks.get(id)?.(undefined, args),
    connected() {
      for (let next; socket.connected && (next = socket.sendBuffer.shift());) {
        const { flags, ...packet } = next;
        try {
          socket.sendPacket(packet, flags);
        } catch (error) {
          // One that cannot be encoded must not keep the others from leaving.
          socket.listenerFailed(error, packet.data[0] as string);
          acks.get(packet.id)?.(error as Error, []);
        }
      }
      queue.drain();
    },
    disconnected() {
      for (const [id, settled] of [...acks]) {
        if (socket.sendBuffer.some((event) => event.id === id)) continue;
        settled(new Error("socket has been disconnected"), []);
      }
    },
  };
}
