// npm socket.io over node:http.
import { createServer } from "node:http";
import { Server } from "socket.io";
import { register } from "./handlers.mjs";
import { PORT, ready, tell } from "./stats.mjs";

const http = createServer((request, response) => {
  const told = tell(request.url);
  if (told !== undefined) response.end(told);
});
register(new Server(http));
// A burst of connections must not run into a short backlog.
http.listen(PORT, "127.0.0.1", 4096, ready);
