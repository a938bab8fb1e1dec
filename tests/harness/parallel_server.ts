// For `deno serve --parallel`: a server that tells each client in which thread it is.
import { Server } from "../../mod.ts";
import { createAdapter } from "../../server/adapter/broadcast_channel/mod.ts";

const thread = crypto.randomUUID();
const io = new Server({ adapter: createAdapter(), transports: ["websocket"] });
io.on("connection", (socket) => {
  socket.emit("thread", thread);
  socket.on("say", (value) => io.emit("said", value));
  socket.on("count", async (done) => done(await io.sockets.adapter.serverCount()));
  socket.on("sockets", async (done) => done((await io.fetchSockets()).map(({ id }) => id)));
});

const server: { fetch: (request: Request, info?: unknown) => Response | Promise<Response> } = {
  fetch: io.handler() as never,
};
export default server;
