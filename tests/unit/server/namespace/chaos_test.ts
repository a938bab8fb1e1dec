import { LocalAdapter, RecoveryAdapter, RecoveryBudget } from "../../../../server/adapter/mod.ts";
import type { Namespace, Socket } from "../../../../server/namespace/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, type Random, seeded } from "../../parser/random.ts";
import { type FakeLink, FakeServer } from "./fakes.ts";

const NAMES = ["/", "/", "/", "/a", "/dynamic-1", "/dynamic-2"];
// Few enough that they get into their own way.
const LINKS = 4;
const ROOMS = ["x", "y", "z"];
const BYTES = new Uint8Array([1]);

/** Lets promises that are settled already take their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** What a client asks for that is in some namespaces: by the rules for the most part. */
function randomFrame(
  random: Random,
  joined: readonly string[],
  pids: readonly string[],
): string | Uint8Array {
  const others = NAMES.filter((name) => !joined.includes(name));
  const obeys = random() < 0.97;
  const prefix = (names: readonly string[]) => {
    const name = pick(random, obeys && names.length > 0 ? names : NAMES);
    return name === "/" ? "" : `${name},`;
  };
  if (joined.length === 0 || random() < 0.4) {
    if (pids.length > 0 && random() < 0.4) {
      return `0${prefix(others)}{"pid":"${pick(random, pids)}"}`;
    }
    return `0${prefix(others)}`;
  }
  const to = prefix(joined);
  switch (int(random, 8)) {
    case 0:
      return `1${to}`;
    case 1:
      return `2${to}${int(random, 9)}["ask"]`;
    case 2:
      return `3${to}${int(random, 20)}["answer"]`;
    case 3:
      return random() < 0.2 ? `51-${to}["event",{"_placeholder":true,"num":0}]` : `2${to}["e"]`;
    case 4:
      return obeys ? `2${to}["e"]` : pick(random, [BYTES, "4", "9", "2{}", "2[]", "0/nowhere"]);
    default:
      return `2${to}["event"]`;
  }
}

/** Hooks that take their time: each is answered later, or never. */
class Hooks {
  readonly #waiting: ((answer: number) => void)[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  ask(): Promise<boolean> | boolean {
    if (this.#random() < 0.4) return true;
    return new Promise((resolve, reject) => {
      this.#waiting.push((answer) => answer === 0 ? reject(new Error("no")) : resolve(answer > 1));
    });
  }

  /** Calls `next` at once or later, or rejects. */
  hook(next: () => void): void | Promise<void> {
    const answer = this.ask();
    return answer === true ? next() : Promise.resolve(answer).then(() => next());
  }

  answerOne(): void {
    if (this.#waiting.length === 0) return;
    const [answer] = this.#waiting.splice(int(this.#random, this.#waiting.length), 1);
    answer?.(int(this.#random, 5));
  }

  answerAll(): void {
    while (this.#waiting.length > 0) this.answerOne();
  }
}

class Chaos {
  readonly server: FakeServer;
  readonly budget = new RecoveryBudget(20_000);
  readonly #random: Random;
  readonly #hooks: Hooks;
  readonly #pids: string[] = [];
  readonly #came: Socket[] = [];
  readonly #left: Socket[] = [];
  readonly #links: FakeLink[] = [];

  constructor(seed: number, recovers: boolean) {
    this.#random = seeded(seed);
    this.#hooks = new Hooks(this.#random);
    const limits = { maxDisconnectionDuration: 60_000, detectionTime: 1000, budget: this.budget };
    this.server = new FakeServer(
      seed % 2 === 0 ? 0 : 1,
      recovers ? (scope) => new RecoveryAdapter(scope, limits) : (scope) => new LocalAdapter(scope),
      recovers ? { skipMiddlewares: seed % 3 === 0 } : undefined,
    );
    const { directory } = this.server;
    directory.of(async (name) => name.startsWith("/dynamic") && await this.#hooks.ask());
    directory.created = (namespace) => this.#setUp(namespace);
    for (const name of ["/", "/a", "/b"]) directory.of(name);
  }

  #setUp(namespace: Namespace): void {
    namespace.use((socket, next) => {
      if (this.#random() < 0.2) socket.join(pick(this.#random, ROOMS));
      if (this.#random() < 0.05) socket.disconnect(this.#random() < 0.3);
      return this.#random() < 0.5 ? next() : this.#hooks.hook(next);
    });
    namespace.on("connection", (socket: Socket) => {
      this.#came.push(socket);
      if (socket.pid !== undefined) this.#pids.push(socket.pid);
      if (this.#random() < 0.3) socket.use((_event, next) => this.#hooks.hook(next));
      socket.on("disconnect", () => {
        this.#left.push(socket);
        if (this.#random() < 0.3) socket.leave(pick(this.#random, ROOMS));
      });
      socket.on("event", () => void socket.join(pick(this.#random, ROOMS)));
      socket.on("ask", (done) => done("answer"));
    });
  }

  async run(): Promise<void> {
    for (let step = 0; step < 400; step++) {
      this.#act();
      if (this.#random() < 0.3) await turns();
    }
    for (const link of this.#links) link.handler?.close("transport close");
    await turns();
    this.#hooks.answerAll();
    await turns();
    this.#hooks.answerAll();
    await turns();
    this.#check();
  }

  #act(): void {
    const random = this.#random;
    const connected = this.#came.filter(({ connected }) => connected);
    const socket = connected.length > 0 ? pick(random, connected) : undefined;
    switch (int(random, 20)) {
      case 0:
      case 1:
        this.#links.push(this.server.link());
        if (this.#links.length > LINKS) this.#links.shift()?.handler?.close("ping timeout");
        return;
      case 2:
      case 3:
      case 4:
        return this.#hooks.answerOne();
      case 5:
        return void (random() < 0.3 && socket?.disconnect(random() < 0.3));
      case 6:
        return void (random() < 0.2 && socket?.nsp.disconnectSockets(random() < 0.2));
      case 7:
        return void (random() < 0.5
          ? socket?.nsp.in(pick(random, ROOMS)).socketsLeave(pick(random, ROOMS))
          : socket?.nsp.in(pick(random, ROOMS)).socketsJoin(pick(random, ROOMS)));
      case 8:
        return void socket?.emit("news", () => {});
      case 9:
        return void socket?.nsp.to(pick(random, ROOMS)).emit("news", "text");
      case 10:
        if (random() < 0.4 && this.#links.length > 0) {
          pick(random, this.#links).handler?.close("transport close");
        }
        return;
      default:
        if (this.#links.length > 0) this.#say(pick(random, this.#links));
    }
  }

  #say(link: FakeLink): void {
    const joined = this.#came.filter(({ conn, connected }) => connected && conn === link)
      .map(({ nsp }) => nsp.name);
    link.receive(randomFrame(this.#random, joined, this.#pids));
  }

  #check(): void {
    assert.deepEqual(this.#came.filter(({ connected }) => connected), []);
    assert.deepEqual(this.#left.length, this.#came.length);
    assert.equal(new Set(this.#left).size, this.#left.length);
    assert.ok(this.#came.length > 10);
    // The rule for dynamic namespaces, or a middleware of events, said no.
    assert.deepEqual(
      this.server.reported.filter(({ error }) => (error as Error).message !== "no"),
      [],
    );
    for (const namespace of this.server.directory.namespaces.values()) {
      const { name, adapter, sockets } = namespace;
      assert.deepEqual([name, sockets.size, adapter.sids.size, adapter.rooms.size], [
        name,
        0,
        0,
        0,
      ]);
      adapter.close();
      assert.deepEqual([name, namespace.isEmpty], [name, true]);
    }
    assert.equal(this.budget.bytes, 0);
  }
}

describe("whatever clients, hooks and programs do in whatever order", () => {
  for (const recovers of [false, true]) {
    for (let seed = 1; seed <= 30; seed++) {
      it(`nothing is left of it${recovers ? ", with recovery" : ""} (seed ${seed})`, async () => {
        await new Chaos(seed, recovers).run();
      });
    }
  }
});
