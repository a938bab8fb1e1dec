// The npm `socket.io` server, on Node: prints its port. `node official_server.mjs [port]`.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { OPTIONS, setUp } from "./client_fixture.mjs";

const httpServer = createServer();
setUp(new Server(httpServer, OPTIONS));
httpServer.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`port ${httpServer.address().port}`);
});
