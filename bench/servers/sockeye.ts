// Our server, the same on Deno and on Bun.
import { Server } from "../../mod.ts";
import { type BenchServer, register } from "./handlers.ts";
import { PORT, stats } from "./stats.ts";

const io = new Server();
register(io as unknown as BenchServer);
const handler = io.handler((request) =>
  request.url.endsWith("/stats") ? Response.json(stats()) : new Response(null, { status: 404 })
);
await io.listen({ port: PORT, hostname: "127.0.0.1" }, handler);
