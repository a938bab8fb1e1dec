// Our server with npm's Admin UI, on the runtime that runs this file: prints its port.
import { instrument } from "@socket.io/admin-ui";
import { Server } from "../../mod.ts";

const io = new Server();
instrument(io as never, {
  auth: {
    type: "basic",
    username: "admin",
    // "changeit"
    password: "$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS",
  },
  mode: "development",
});
io.on("connection", (socket) => socket.on("ask", (done) => done(socket.client.id)));
const { port } = await io.listen({ port: 0, hostname: "127.0.0.1" });
console.log(`port ${port}`);
