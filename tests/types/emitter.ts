// What must compile against the types of the emitters, and what must not. It is checked against those
// of npm @socket.io/redis-emitter as well, so that a program may move over as it is.
import { createClient } from "redis";
import { Emitter } from "../../emitter/redis/mod.ts";

interface ServerToClient {
  said(text: string, from: string): void;
  count(value?: number): void;
  bye(): void;
}

const client = createClient();
const emitter = new Emitter<ServerToClient>(client, { key: "chat" }, "/admin");
const untyped = new Emitter(client);

const sent: true = emitter.emit("said", "hello", "Ada");
emitter.to("a").in(["b", "c"]).except("d").volatile.compress(false).emit("bye");
emitter.of("/other").emit("count");
emitter.of("/other").to("a").emit("count", 1);
void sent;

// @ts-expect-error there is no such event
emitter.emit("sayed", "hello");
// @ts-expect-error it needs to be told from whom
emitter.emit("said", "hello");
// @ts-expect-error its argument is a number
emitter.to("a").emit("count", "1");
// @ts-expect-error it takes no argument
emitter.of("/other").except("a").emit("bye", 1);
// @ts-expect-error a room is a string
emitter.to(1);
// @ts-expect-error so is a namespace
emitter.of(/other/);

emitter.socketsJoin("a");
emitter.in("a").socketsJoin(["b", "c"]);
emitter.socketsLeave("a");
emitter.except("a").disconnectSockets(true);
emitter.serverSideEmit("anything", 1, "two", { three: 3 });

untyped.emit("anything", 1, "two", { three: 3 });
untyped.to("a").emit("anything");
