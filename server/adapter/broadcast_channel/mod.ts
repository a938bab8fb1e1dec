/**
 * Servers in the threads of one process, that share nothing but a `BroadcastChannel`: those of
 * `deno serve --parallel`, and of `Worker`s of Bun with `reusePort`.
 *
 * Threads do not share connections either, and neither of the two sends all requests of a client to
 * the same thread, as long polling needs it. So clients come by WebSocket alone, with
 * `transports: ["websocket"]` for them and the server, or each thread hands on what is for another,
 * by the relay of `@sockeye/io/relay/broadcast-channel`.
 *
 * Deno loses messages of a `BroadcastChannel` without a word when there are many at a time, or when a
 * thread is busy. Here they are numbered, kept until all have them, and asked for where one is
 * missing, so that they arrive complete and in order. A thread that is busy for longer than
 * `heartbeatTimeout`, 10 seconds by default, counts as gone, and nothing is kept for it any more: it
 * misses what the others say from then on, and what it had not read by then. What could not be kept is
 * told of by the event `error` of the adapter of the first namespace of the server, usually `/`.
 *
 * On Deno an open channel keeps the process running until `io.close()`; on Bun it does not.
 *
 * @example `deno serve --parallel server.ts`
 * ```ts
 * import { Server } from "@sockeye/io";
 * import { createAdapter } from "@sockeye/io/adapter/broadcast-channel";
 * import { equal } from "node:assert/strict";
 *
 * const io = new Server({ adapter: createAdapter(), transports: ["websocket"] });
 * io.on("connection", (socket) => {
 *   socket.on("chat", (text) => io.emit("chat", text));
 * });
 * const server = { port: 3000, fetch: io.handler() };
 * // export default server;
 *
 * equal(typeof server.fetch, "function");
 * equal(await io.sockets.adapter.serverCount(), 1);
 * await io.close();
 * ```
 *
 * @module
 */
export { type BroadcastChannelOptions, createAdapter } from "./adapter.ts";
export type { KeepLimits } from "./outbox.ts";
