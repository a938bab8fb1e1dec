import type { EventName } from "../../events/mod.ts";
import {
  type CloseDetails,
  type CloseReason,
  type Frame,
  Message,
  PacketType,
} from "../../parser/engine/mod.ts";
import { EngineEmitter } from "./engine_emitter.ts";
import { debug } from "./log.ts";
import type { MessageData } from "./message_data.ts";
import { failureOf } from "./report.ts";
import type { SessionHandler } from "./session_services.ts";
import type { Transport } from "./transport.ts";

/** A packet, as the events `packet` and `packetCreate` show it. */
export interface SessionPacket {
  /** `open`, `close`, `ping`, `pong`, `message`, `upgrade` or `noop`. */
  readonly type: string;
  /** What it carries. */
  readonly data?: MessageData;
  /** How it travels; for a message that is sent. */
  readonly options?: { readonly compress: boolean };
}

/** What is said of an end that comes from the session itself. */
export const ENDS = {
  byClient: { description: "closed by the client" },
  wrongWay: { description: "invalid heartbeat direction" },
  tooMuch: { description: "too much is waiting for the client" },
} as const;

/** The names of the packet types, by number. */
export const PACKET_NAMES = [
  "open",
  "close",
  "ping",
  "pong",
  "message",
  "upgrade",
  "noop",
] as const;

/**
 * The events of a session.
 *
 * @example
 * ```ts
 * import { Engine } from "@sockeye/io/engine";
 * import { Socket } from "@sockeye/io/engine/client";
 * import { deepEqual } from "node:assert/strict";
 *
 * const engine = new Engine();
 * const log: unknown[] = [];
 * const closed = Promise.withResolvers<string>();
 * engine.on("connection", (session) => {
 *   session.on("upgrade", ({ name }) => log.push(name));
 *   session.on("message", (data) => session.send(data, { compress: false }));
 *   session.on("close", closed.resolve);
 * });
 * const { port } = await engine.listen({ port: 0, hostname: "127.0.0.1" });
 * const client = new Socket(`ws://127.0.0.1:${port}`);
 * client.on("upgrade", () => client.send("hello"));
 * log.push(await new Promise((resolve) => client.on("message", resolve)));
 * client.close();
 * log.push(await closed.promise);
 * deepEqual(log, ["websocket", "hello", "transport close"]);
 * await engine.close();
 * ```
 */
export interface SessionEvents {
  /** The session is open; heard by who listens before, in the hook of a layer above. */
  open: () => void;
  /** A packet came. */
  packet: (packet: SessionPacket) => void;
  /** A packet is about to be queued or sent. */
  packetCreate: (packet: SessionPacket) => void;
  /** The data of a message came. */
  data: (data: Frame) => void;
  /** The same as `data`. */
  message: (data: Frame) => void;
  /** The client answered a ping, or, with protocol 3, sent one. */
  heartbeat: () => void;
  /** Messages were handed to the transport. */
  flush: (messages: readonly Message[]) => void;
  /** Nothing waits to be sent any more. */
  drain: () => void;
  /** The client is about to move to this transport, and has asked there whether it may. */
  upgrading: (transport: Transport) => void;
  /** The client has moved to this transport. */
  upgrade: (transport: Transport) => void;
  /** Something went wrong; `close` follows. */
  error: (error: Error) => void;
  /** The session ended. */
  close: (reason: CloseReason, details?: CloseDetails) => void;
}

const PING = new Message(["2"]);

// Who listens to these sees what is sent. What is published to a topic passes a session by.
const WATCHING = ["packetCreate", "flush", "drain"] as const;

/** The part of a session that has listeners. */
export abstract class SessionEmitter extends EngineEmitter<SessionEvents> {
  /** The layer above. */
  handler: SessionHandler | undefined;

  /** Sockets that hear topics have to be sent to one by one from now on. */
  protected override listenerAdded(event: EventName): void {
    if ((WATCHING as readonly EventName[]).includes(event)) this.handler?.upgraded();
  }

  /** Shows the frames of a message to the listeners of `packetCreate`, once they are there. */
  protected announcePackets(message: Message, compress: boolean): void {
    if (message.ready !== undefined) {
      message.ready.then(() => this.announcePackets(message, compress));
      return;
    }
    for (const frame of message.frames) {
      const data = typeof frame === "string" ? frame.slice(1) : frame;
      this.dispatch("packetCreate", [{ type: "message", data, options: { compress } }]);
    }
  }

  /** A ping, or the pong for what came with one, after its listeners of `packetCreate` saw it. */
  protected beat(pinged?: Frame): Message {
    const answers = pinged !== undefined;
    this.dispatch("packetCreate", [{ type: answers ? "pong" : "ping" }]);
    return answers ? new Message([`${PacketType.Pong}${pinged}`]) : PING;
  }

  /** Tells the listeners that the session has ended. */
  protected announceClose(
    address: string,
    reason: CloseReason,
    details: CloseDetails | undefined,
  ): void {
    if (debug.enabled) {
      const { description } = details ?? {};
      debug.log(
        `${address} ended: ${reason}${description === undefined ? "" : `, ${description}`}`,
      );
    }
    if (reason === "transport error" && this.hasListeners("error")) {
      this.dispatch("error", [failureOf(reason, details)]);
    }
    this.dispatch("close", [reason, details]);
  }

  /** Whether a listener wants to see what is sent. */
  protected get isWatched(): boolean {
    return WATCHING.some((event) => this.hasListeners(event));
  }
}
