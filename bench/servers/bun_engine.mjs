// npm socket.io on Bun.serve by way of @socket.io/bun-engine.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { register } from "./handlers.mjs";
import { PORT, ready, tell } from "./stats.mjs";

const io = new Server();
const engine = new Engine({ path: "/socket.io/" });
io.bind(engine);
register(io);
const handler = engine.handler();
globalThis.Bun.serve({
  ...handler,
  port: PORT,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const told = tell(request.url);
    return told === undefined ? handler.fetch.call(this, request, server) : new Response(told);
  },
});
ready();
