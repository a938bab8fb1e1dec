import { assert, describe, it } from "../harness/mod.ts";
import { once, until } from "../harness/once.ts";
import { start } from "../harness/started.ts";

const COUNT = 2000;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => i);

describe("the upgrade of npm socket.io-client", () => {
  for (const recovery of [false, true]) {
    const how = recovery ? "with" : "without";
    it(`loses, repeats and swaps nothing of what is sent meanwhile, ${how} recovery`, async () => {
      await using server = await start({ connectionStateRecovery: recovery });
      const received = new Map<string, number[]>();
      server.io.on("connection", (socket) => {
        socket.join("room");
        const numbers: number[] = [];
        received.set(socket.id, numbers);
        socket.on("n", (n) => numbers.push(n));
      });
      // One is there before, so that there is somebody to publish to; one stays on polling.
      const roads = [{ transports: ["websocket"] }, { transports: ["polling"] }, {}, {}, {}];
      const clients = roads.map((road) => server.clients.open(road));
      const heard = clients.map((client) => {
        const numbers: number[] = [];
        client.on("n", (n) => numbers.push(n));
        return numbers;
      });
      await Promise.all(clients.map((client) => once(client, "connect")));
      for (let n = 0; n < COUNT; n++) {
        if (n % 3 === 0) server.io.emit("n", n);
        else if (n % 3 === 1) server.io.to("room").emit("n", n);
        else for (const { id } of clients) server.io.sockets.sockets.get(id!)?.emit("n", n);
        for (const client of clients) client.emit("n", n);
        // Lets polls, frames and the steps of the upgrade come in between.
        if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
      await until(() => heard.every(({ length }) => length >= COUNT), "all numbers here");
      await until(
        () => [...received.values()].every(({ length }) => length >= COUNT),
        "all numbers there",
      );
      for (const numbers of [...heard, ...received.values()]) assert.deepEqual(numbers, NUMBERS);
      await until(
        () => clients.slice(2).every(({ io }) => io.engine.transport.name === "websocket"),
        "the upgrades",
      );
    });
  }
});
