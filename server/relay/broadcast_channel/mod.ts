/**
 * A way between the servers in the threads of one process: those of `deno serve --parallel`, and of
 * `Worker`s of Bun with `reusePort`. Threads do not share connections, and the requests of a client
 * on long polling come to any of them; so each hands on what is for a session of another.
 *
 * A WebSocket that a client on long polling moves to may be in another thread than its session, and
 * stays there: each frame then goes from one thread to the other. Clients that begin with a WebSocket
 * never need that.
 *
 * On Deno an open channel keeps the process running until `io.close()`; on Bun it does not.
 *
 * @example `deno serve --parallel server.ts`
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/broadcast-channel";
 * import { createRelay } from "@sockeye/io/relay/broadcast-channel";
 * import { equal } from "node:assert/strict";
 *
 * const io = new Server({ adapter: createAdapter(), relay: createRelay() });
 * io.on("connection", (socket) => {
 *   socket.on("chat", (text) => io.emit("chat", text));
 * });
 * const server = { port: 3000, fetch: io.handler() };
 * // export default server;
 *
 * equal(typeof server.fetch, "function");
 * await io.close();
 * ```
 *
 * @module
 */
export { createRelay, type RelayOptions } from "./relay.ts";
export type { KeepLimits } from "../../adapter/broadcast_channel/mod.ts";
export type { HeartbeatOptions } from "../../adapter/cluster/mod.ts";
export type { RelayBus, RelayReceiver } from "../../engine/relay/bus.ts";
