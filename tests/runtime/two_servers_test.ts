import { Server } from "../../mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients } from "../harness/official.ts";
import { once } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

describe("two servers behind one port", () => {
  it("have the same namespaces and rooms, and keep them apart", async () => {
    const [one, two] = [new Server({ path: "/one" }), new Server({ path: "/two" })];
    for (const io of [one, two]) io.on("connection", (socket) => socket.join("room"));
    await using served = await serve(one.handler(two.handler()));
    await using clients = new OfficialClients(served.url);
    const heard: string[] = [];
    const sockets = [];
    for (const path of ["/one", "/two", "/one", "/two", "/one", "/two"]) {
      const socket = await clients.connect({ path, transports: ["websocket"] });
      socket.on("say", (from) => heard.push(`${path} heard ${from}`));
      sockets.push(socket);
    }
    // The first broadcast opens a topic where the runtime has them; the next ones use it.
    for (let i = 0; i < 2; i++) {
      one.emit("say", "one");
      two.to("room").emit("say", "two");
      one.to("room").emit("say", "one");
    }
    const marks = sockets.map((socket) => once(socket, "mark"));
    for (const io of [one, two]) io.emit("mark");
    await Promise.all(marks);
    assert.deepEqual(heard.filter((line) => !/^\/(\w+) heard \1$/.test(line)), []);
    assert.equal(heard.length, 3 * 4 + 3 * 2);
    await Promise.all([one.close(), two.close()]);
  });
});
