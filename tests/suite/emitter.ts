import type { BrokerEmitter } from "../../emitter/redis/mod.ts";
import { assert, it } from "../harness/mod.ts";
import { OfficialClients, type OfficialSocket } from "../harness/official.ts";
import { once, until } from "../harness/once.ts";

/** A server that has set up what `tests/harness/emitter_target.mjs` does, and an emitter for it. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly emitter: BrokerEmitter;
}

/** The clients of a server, in the order of {@linkcode ROOMS}. */
interface Audience extends AsyncDisposable {
  readonly emitter: BrokerEmitter;
  readonly sockets: OfficialSocket[];
  /** Resolves to what each has heard of `say` since, once they have heard all that was sent. */
  heard(): Promise<unknown[][]>;
}

// Namespace and rooms of each client.
const ROOMS = [["/", "a,b"], ["/", "a"], ["/", "b"], ["/other", "a"]] as const;

async function audience(open: () => Promise<Stage>): Promise<Audience> {
  await using stack = new AsyncDisposableStack();
  const { url, emitter } = stack.use(await open());
  const clients = stack.use(new OfficialClients(url));
  const sockets: OfficialSocket[] = [];
  let heard: unknown[][] = ROOMS.map(() => []);
  for (const [i, [nsp, rooms]] of ROOMS.entries()) {
    const socket = await clients.connect({ transports: ["websocket"], query: { rooms } }, nsp);
    socket.on("say", (...args) => heard[i]!.push(args.length === 1 ? args[0] : args));
    sockets.push(socket);
    await reached(emitter.of(nsp), socket);
  }
  const all = stack.move();
  return {
    emitter,
    sockets,
    async heard() {
      for (const nsp of ["/", "/other"]) {
        const there = sockets.filter((socket, i) => ROOMS[i]![0] === nsp && socket.connected);
        const marks = there.map((socket) => once(socket, "mark"));
        emitter.of(nsp).emit("mark");
        await Promise.all(marks);
      }
      const before = heard;
      heard = ROOMS.map(() => []);
      return before;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Resolves once the server hears what an emitter sends: that it listens, nothing tells. */
async function reached(emitter: BrokerEmitter, socket: OfficialSocket): Promise<void> {
  let isReached = false;
  socket.on("reached", () => isReached = true);
  await until(() => {
    if (!isReached) emitter.to(socket.id!).emit("reached");
    return isReached;
  }, "the emitter to reach the server");
}

function listeners(heard: unknown[][]): string {
  return heard.map((values, i) => `${i}`.repeat(values.length)).join("");
}

const ORDERED: readonly ((i: number) => unknown)[] = [
  (i) => i,
  (i) => `${i}`.padEnd(9000),
  (i) => i,
  (i) => i,
  (i) => new Uint8Array([i]),
  (i) => i,
  (i) => i,
  (i) => i,
  (i) => new Blob([new Uint8Array([i])]),
  (i) => i,
  (i) => i,
];

/**
 * What every emitter does, whichever the broker and the server.
 *
 * @param mayOvertake whether the server takes some messages later than those behind them.
 */
export function emitterSuite(open: () => Promise<Stage>, mayOvertake: boolean = false): void {
  it("reaches the sockets that are meant, each once", async () => {
    await using all = await audience(open);
    const { emitter, sockets } = all;
    const other = emitter.of("other");
    const cases: [() => unknown, string][] = [
      [() => emitter.emit("say", 1), "012"],
      [() => emitter.to("a").emit("say", 1), "01"],
      [() => emitter.in(["a", "b"]).emit("say", 1), "012"],
      [() => emitter.to("a").to("b").except("b").emit("say", 1), "1"],
      [() => emitter.except(["a", "nobody"]).emit("say", 1), "2"],
      [() => emitter.except("a").except("b").emit("say", 1), ""],
      [() => emitter.to(sockets[2]!.id!).emit("say", 1), "2"],
      [() => emitter.to("nobody").emit("say", 1), ""],
      [() => emitter.volatile.emit("say", 1), "012"],
      [() => emitter.compress(false).to("b").volatile.emit("say", 1), "02"],
      [() => other.emit("say", 1), "3"],
      [() => other.to("a").emit("say", 1), "3"],
      [() => other.to("b").emit("say", 1), ""],
    ];
    for (const [say, whom] of cases) {
      say();
      assert.equal(listeners(await all.heard()), whom, String(say));
    }
    const toB = emitter.to("b");
    toB.to("a");
    toB.except("a");
    assert.equal(toB.emit("say", 1), true);
    assert.equal(listeners(await all.heard()), "02", "an operator does not change");
  });

  it("carries every kind of value", async () => {
    await using all = await audience(open);
    const { emitter } = all;
    const long = "ü🦦".repeat(20_000);
    const values: [unknown, unknown][] = [
      ["text \u2028 \0 🦦", "text \u2028 \0 🦦"],
      [null, null],
      [{ deep: [{ deeper: [1, 2.5, -3, true] }] }, { deep: [{ deeper: [1, 2.5, -3, true] }] }],
      [long, long],
      [new Uint8Array([1, 2, 250]), [1, 2, 250]],
      [{ bytes: new Uint8Array([3]), list: [new Uint8Array([4])] }, { bytes: [3], list: [[4]] }],
      [new Uint8Array([7, 8]).buffer, [7, 8]],
      [new Uint8Array(30_000).fill(9), [...new Uint8Array(30_000).fill(9)]],
      [new Blob([new Uint8Array([5, 6])]), [5, 6]],
      [new Date(86_400_000), "1970-01-02T00:00:00.000Z"],
      [
        [new Date(86_400_000), undefined, new Uint8Array([1])],
        ["1970-01-02T00:00:00.000Z", null, [1]],
      ],
    ];
    for (const [sent, received] of values) {
      const said = once(all.sockets[0]!, "say");
      emitter.to("a").emit("say", sent);
      assert.deepEqual(listed(await said), [received]);
    }
    await all.heard();
    emitter.emit("say");
    emitter.emit("say", 1, "two");
    assert.deepEqual((await all.heard())[2], [[], [1, "two"]]);
  });

  it("keeps the order in which it sends", async () => {
    await using all = await audience(open);
    const other = all.emitter.of("/other");
    const expected: unknown[] = [];
    for (let i = 0; i < 300; i++) {
      const value = mayOvertake ? i : ORDERED[i % ORDERED.length]!(i);
      for (const emitter of [all.emitter, other]) {
        emitter.emit("say", value);
        for (let again = 0; i % 7 === 0 && again < 2; again++) emitter.emit("say", "the same");
      }
      expected.push(value instanceof Blob ? [i % 256] : listed(value));
      if (i % 7 === 0) expected.push("the same", "the same");
    }
    const [one, , , four] = await all.heard();
    assert.deepEqual(listed(one), expected);
    assert.deepEqual(listed(four), expected);
  });

  it("moves and ends sockets", async () => {
    await using all = await audience(open);
    const { emitter, sockets } = all;
    emitter.in(sockets[2]!.id!).socketsJoin(["c", "d"]);
    emitter.to("a").except("b").socketsJoin("c");
    emitter.in("c").socketsJoin("e");
    emitter.to("e").emit("say", 1);
    assert.equal(listeners(await all.heard()), "12");
    emitter.except("b").socketsLeave(["e", "c"]);
    emitter.in("d").socketsLeave("d");
    emitter.to(["d", "e"]).emit("say", 1);
    assert.equal(listeners(await all.heard()), "2");

    const ends = sockets.map((socket) => once<[string]>(socket, "disconnect"));
    emitter.in("a").except("b").disconnectSockets();
    assert.equal((await ends[1]!)[0], "io server disconnect");
    emitter.in("e").disconnectSockets(true);
    const [reason] = await ends[2]!;
    assert.ok(reason === "transport close" || reason === "io server disconnect", reason);
    emitter.of("/other").disconnectSockets();
    await ends[3];
    assert.equal(sockets[0]!.connected, true);
    sockets[0]!.disconnect();
    await ends[0];
  });

  it("sends to the listeners of the servers", async () => {
    await using all = await audience(open);
    const { emitter, sockets } = all;
    const [zero, , , three] = sockets as [OfficialSocket, OfficialSocket, unknown, OfficialSocket];
    const told = async (from: OfficialSocket, send: () => unknown) => {
      const next = once(from, "told");
      assert.equal(send(), undefined);
      return listed(await next);
    };
    assert.deepEqual(
      await told(zero, () => emitter.serverSideEmit("tell", 1, "two", { three: [3] })),
      [1, "two", { three: [3] }],
    );
    assert.deepEqual(
      await told(zero, () => emitter.serverSideEmit("tell", { four: new Uint8Array([4]) })),
      [{ four: [4] }],
    );
    assert.deepEqual(
      await told(three, () => emitter.of("/other").serverSideEmit("tell", "x".repeat(9000))),
      ["x".repeat(9000)],
    );
  });
}

/** The same with a list for each that holds bytes, which clients have as a `Buffer`. */
function listed(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) {
    return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  }
  if (Array.isArray(value)) return value.map(listed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, listed(item)]));
}
