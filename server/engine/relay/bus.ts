/** What is told of the messages that a {@linkcode RelayBus} brings. An engine has one. */
export interface RelayReceiver {
  /** Takes what another server has sent to this one, read from the wire but not checked. Never throws. */
  receive(message: unknown): void;
  /** Told of what went wrong and has no caller. */
  failed(error: unknown): void;
}

/**
 * How the engines of several servers reach one another, so that a request may come to any of them:
 * see the option `relay`. A bus belongs to one engine.
 *
 * What one server sends to another MUST arrive in that order, once, as far as it arrives. A message
 * is plain data: objects, lists, texts, numbers, booleans and `Uint8Array`s, in all somewhat more than
 * `maxHttpBufferSize` at most, unless many are sent at once.
 *
 * @example Two servers in one program
 * ```ts
 * import { type RelayBus, type RelayReceiver, Server } from "@sockeye/io";
 * import { equal } from "node:assert/strict";
 *
 * const receivers = new Map<string, RelayReceiver>();
 * function createBus(): RelayBus {
 *   let own = "";
 *   return {
 *     open: (id, receiver) => void receivers.set(own = id, receiver),
 *     send: (to, message) => queueMicrotask(() => receivers.get(to)?.receive(message)),
 *     close: () => void receivers.delete(own),
 *   };
 * }
 * const one = new Server({ relay: createBus() });
 * const two = new Server({ relay: createBus() });
 *
 * const url = "http://localhost/socket.io/?EIO=4&transport=polling";
 * const open = await one.handler()(new Request(url));
 * const { sid } = JSON.parse((await open.text()).slice(1));
 * const connect = new Request(`${url}&sid=${sid}`, { method: "POST", body: "40" });
 * equal(await (await two.handler()(connect)).text(), "ok");
 * equal(one.sockets.sockets.size, 1);
 * await Promise.all([one.close(), two.close()]);
 * ```
 */
export interface RelayBus {
  /**
   * Starts to receive. Called first, and again after `close` if the engine goes on.
   *
   * @param id the address of this server: eight letters, digits, `-` or `_`.
   */
  open(id: string, receiver: RelayReceiver): void | Promise<void>;
  /** Sends a message to the server of this id, which may be gone, or never have been there. */
  send(to: string, message: object): void | Promise<unknown>;
  /** Stops to receive, once what was sent has left. */
  close(): void | Promise<void>;
}
