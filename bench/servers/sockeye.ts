// Our server, the same on Deno and on Bun.
import { Server } from "../../mod.ts";
import { register } from "./handlers.mjs";
import { PORT, ready, tell } from "./stats.mjs";

const io = new Server();
register(io);
const handler = io.handler((request) => {
  const told = tell(request.url);
  return new Response(told ?? "not found", { status: told === undefined ? 404 : 200 });
});
await io.listen({ port: PORT, hostname: "127.0.0.1" }, handler);
ready();
