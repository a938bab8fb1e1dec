// For `deno serve --parallel`, and for threads of Bun: a server whose clients may come to any thread.
import { type Handler, Server } from "../../mod.ts";
import { createRelay } from "../../server/relay/broadcast_channel/mod.ts";

const thread = crypto.randomUUID();
const io = new Server({ relay: createRelay() });
io.on("connection", (socket) => {
  socket.emit("thread", thread);
  socket.on("echo", (value, done) => done(value));
});

const handler: Omit<Handler, never> = { ...io.handler() };
export default handler;
