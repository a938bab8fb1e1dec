import pg from "pg";
import { encodeValue } from "../../../parser/msgpack/mod.ts";
import { ClusterError } from "../../../server/adapter/cluster/mod.ts";
import type {
  PgPool,
  PostgresAdapterOptions,
  PostgresSql,
} from "../../../server/adapter/postgres/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import type { OfficialSocket } from "../../harness/official.ts";
import { once, until, within } from "../../harness/once.ts";
import { untilServers } from "../../harness/server_count.ts";
import { CLIENTS, PostgresBroker } from "../../harness/postgres.ts";
import { find } from "../../harness/services.ts";
import { start, type Started } from "../../harness/started.ts";

const { url, SKIP } = await find("postgres");

const WEBSOCKET = { transports: ["websocket"] };

interface Peer extends AsyncDisposable {
  readonly started: Started;
  readonly errors: Error[];
  connect(namespace?: string): Promise<OfficialSocket>;
  /** Resolves once there is an error that says so. */
  failed(message: RegExp): Promise<Error>;
}

/** A server whose adapter may have trouble. */
async function peer(
  broker: PostgresBroker,
  options: PostgresAdapterOptions = {},
  client: PgPool | PostgresSql = broker.client(),
): Promise<Peer> {
  const errors: Error[] = [];
  const adapter = broker.join(options, client);
  const started = await start({ adapter }, (io) => {
    io.sockets.adapter.on("error", (error) => errors.push(error));
  });
  return {
    started,
    errors,
    connect: (namespace) => started.clients.connect(WEBSOCKET, namespace),
    async failed(message) {
      const matching = () => errors.find((error) => message.test(error.message));
      await until(() => matching() !== undefined, `an error ${message}`)
        .catch((error) => {
          throw new Error(`${error.message}; there are: ${errors.join()}`);
        });
      return matching()!;
    },
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

function ready({ started }: Peer, namespace = "/"): Promise<void> {
  return (started.io.of(namespace).adapter as unknown as { ready: Promise<void> }).ready;
}

const counts = ({ started }: Peer, size: number) => untilServers(started.io.sockets, size);

for (const [name, create] of Object.entries(CLIENTS)) {
  const open = () => PostgresBroker.open(url, create);

  describe(`PostgreSQL in trouble, by ${name}`, SKIP, () => {
    it("keeps small, large, binary and equal messages in order", async () => {
      await using broker = await open();
      await using one = await peer(broker);
      await using two = await peer(broker, { payloadThreshold: 100 });
      await Promise.all([counts(one, 2), counts(two, 2)]);
      const client = await two.connect();
      const heard: unknown[] = [];
      client.on("say", (value) => heard.push(value.length ?? value));
      const end = once(client, "end");
      const expected: number[] = [];
      const say = (value: unknown, length: number) => {
        one.started.io.emit("say", value);
        expected.push(length);
      };
      for (let i = 0; i < 30; i++) {
        say(i + 100_000, i + 100_000);
        if (i % 3 === 0) say("x".repeat(10_000 + i), 10_000 + i);
        if (i % 4 === 0) say(new Uint8Array(i), i);
        if (i % 5 === 0) say(new Uint8Array(200_000), 200_000);
        for (let j = 0; j < i % 3; j++) say(7, 7);
      }
      one.started.io.emit("end");
      await end;
      assert.deepEqual(heard, expected);
      assert.equal(await broker.rows(), 10 + 8 + 6);
      assert.deepEqual([...one.errors, ...two.errors], []);
    });

    it("counts bytes where a notification becomes too large", async () => {
      await using broker = await open();
      await using one = await peer(broker);
      await using two = await peer(broker);
      await Promise.all([counts(one, 2), counts(two, 2)]);
      const client = await two.connect();
      // "é" has two bytes, and the frame around it some that do not change.
      const { uid } = one.started.io.sockets.adapter as unknown as { uid: string };
      const frame = JSON.stringify({
        ...{ uid, nsp: "/", type: 3 },
        data: {
          packet: { type: 2, nsp: "/", data: ["say", ""] },
          opts: { rooms: [], except: [], flags: {} },
        },
      }).length;
      const rows: number[] = [];
      for (const bytes of [7998, 7999, 8000, 8001]) {
        const left = bytes - frame;
        const text = "é".repeat(Math.floor(left / 2)) + "e".repeat(left % 2);
        const said = once(client, "say");
        one.started.io.emit("say", text);
        assert.deepEqual(await said, [text]);
        rows.push(await broker.rows());
      }
      assert.deepEqual(rows, [0, 0, 1, 2]);
      assert.deepEqual(one.errors, []);
    });

    it("listens again when the connection is lost, to all namespaces", async () => {
      await using broker = await open();
      await using one = await peer(broker);
      await using two = await peer(broker);
      for (const { started, errors } of [one, two]) {
        started.io.of("/other").adapter.on("error", (error) => errors.push(error));
      }
      await Promise.all([
        counts(one, 2),
        counts(two, 2),
        ready(one, "/other"),
        ready(two, "/other"),
      ]);
      const namespaces = ["/", "/other"];
      const clients = await Promise.all(
        [one, two].flatMap((peer) => namespaces.map((namespace) => peer.connect(namespace))),
      );
      for (let round = 1; round < 3; round++) {
        const event = `say ${round}`;
        assert.equal(await broker.cut(), 2);
        for (const { errors } of [one, two]) {
          await until(
            () => errors.filter(({ message }) => /is lost/.test(message)).length === 2 * round,
            "both namespaces to hear of it",
          );
        }
        const said = clients.map((client, i) =>
          new Promise<void>((resolve) => {
            client.on(event, (from) => from !== Math.floor(i / 2) && resolve());
          })
        );
        // Nothing tells when all listen again.
        const timer = setInterval(() => {
          for (const [from, { started }] of [one, two].entries()) {
            for (const namespace of namespaces) started.io.of(namespace).emit(event, from);
          }
        }, 20);
        await within(Promise.all(said), "all to listen").finally(() => clearInterval(timer));
        assert.equal((await one.started.io.fetchSockets()).length, 2);
      }
      assert.ok(two.errors.every((error) => error instanceof ClusterError));
    });

    it("asks who is there when it listens again", async () => {
      await using broker = await open();
      const heard: { readonly type: number; readonly uid: string }[] = [];
      await broker.overhear("/", (payload) => heard.push(JSON.parse(payload)));
      await using one = await peer(broker);
      await until(() => heard.length === 1, "its first word");
      assert.equal(await broker.cut(), 1);
      await until(() => heard.length === 2, "a word of the server");
      const { uid } = one.started.io.sockets.adapter as unknown as { uid: string };
      const asked = { type: 1, uid };
      assert.deepEqual(heard.map(({ type, uid }) => ({ type, uid })), [asked, asked]);
      assert.equal(one.errors.length, 1);
    });

    it("waits for a database that is away at first, and survives its absence", async () => {
      await using gate = await Gate.before(url);
      await using broker = await open();
      await gate.shut();
      await using one = await peer(broker, {}, broker.client(gate.url));
      await using two = await peer(broker);
      await one.failed(/^Cannot listen to PostgreSQL, which will be tried again: \S.*$/);
      await gate.open();
      await Promise.all([counts(one, 2), counts(two, 2)]);
      const client = await one.connect();
      const heard: unknown[] = [];
      client.on("say", (value) => heard.push(value));
      const end = once(client, "end");
      two.started.io.emit("say", 1);
      two.started.io.emit("end");
      await end;
      assert.deepEqual(heard, [1]);
      one.errors.length = 0;
      await gate.shut();
      const own = once(client, "own");
      one.started.io.emit("own");
      await own;
      await until(() => one.errors.length > 0, "an error");
      await gate.open();
      const again = once(client, "again");
      const timer = setInterval(() => two.started.io.emit("again"), 20);
      await again.finally(() => clearInterval(timer));
    });

    it("closes while the database is away", async () => {
      await using gate = await Gate.before(url);
      await using broker = await open();
      const client = broker.client(gate.url);
      await using connected = await peer(broker, {}, client);
      await ready(connected);
      // What a pool loses after the adapter has left it is up to the program.
      if ("removeListener" in client) client.on("error", () => {});
      await gate.shut();
      await using never = await peer(broker, {}, broker.client(gate.url));
      await never.failed(/^Cannot listen/);
      await within(
        Promise.all([connected.started.io.close(), never.started.io.close()]),
        "both to close",
        5000,
      );
    });

    it("closes while the database does not answer", async () => {
      await using gate = await Gate.before(url);
      await using broker = await open();
      const client = broker.client(gate.url);
      await using connected = await peer(broker, {}, client);
      await ready(connected);
      if ("removeListener" in client) client.on("error", () => {});
      gate.hold();
      connected.started.io.emit("say", "nobody hears it");
      await within(connected.started.io.close(), "it to close", 5000);
      await gate.shut();
    });

    it("leaves the client open, which listens no more", async () => {
      await using broker = await open();
      const client = broker.client();
      const one = await start({ adapter: broker.join({}, client) });
      await (one.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
      await one[Symbol.asyncDispose]();
      let listening: number | undefined;
      await until(() => {
        broker.listening().then((known) => listening = known);
        return listening === 0;
      }, "nobody to listen");
      const two = await start({ adapter: broker.join({}, client) });
      const three = await start({ adapter: broker.join({}, client) });
      const peers = [two, three].map((started) => ({ started })) as Peer[];
      await Promise.all(peers.map((one) => counts(one, 2)));
      await two[Symbol.asyncDispose]();
      await three[Symbol.asyncDispose]();
    });

    it("says how to create the table where it is missing, and sends what needs none", async () => {
      await using broker = await open();
      await broker.dropTable();
      await using one = await peer(broker);
      await using two = await peer(broker);
      await Promise.all([counts(one, 2), counts(two, 2)]);
      const client = await two.connect();
      const said = once(client, "say");
      one.started.io.emit("say", new Uint8Array(1));
      one.started.io.emit("say", "small");
      assert.deepEqual(await said, ["small"]);
      const { message } = await one.failed(/CREATE TABLE/);
      const [statement] = /CREATE TABLE .*;/.exec(message)!;
      await broker.pool.query(statement);
      const again = once(client, "say");
      one.started.io.emit("say", "x".repeat(10_000));
      assert.equal((await again)[0], "x".repeat(10_000));
      assert.equal(one.errors.length, 1);
      await broker.notify("/", JSON.stringify({ uid: "other", type: 3, attachmentId: "99" }));
      await two.failed(/its attachment 99 is gone/);
      await broker.dropTable();
      await broker.notify("/", JSON.stringify({ uid: "other", type: 3, attachmentId: "99" }));
      await two.failed(/CREATE TABLE/);
    });

    it("reports what it cannot read, and goes on", async () => {
      await using broker = await open();
      await using one = await peer(broker);
      const client = await one.connect();
      await ready(one);
      const header = (attachmentId: unknown) =>
        JSON.stringify({ uid: "other", type: 3, attachmentId });
      const stored = async (payload: Uint8Array | null) => {
        const { rows } = await broker.pool.query(
          `INSERT INTO ${broker.tableName} (payload) VALUES ($1) RETURNING id`,
          [payload],
        );
        return header(rows[0].id);
      };
      const good = {
        ...{ uid: "other", nsp: "/", type: 3 },
        data: { packet: { type: 2, nsp: "/", data: ["say", "good"] }, opts: { rooms: [] } },
      };
      const cases: [payload: string, message: RegExp][] = [
        ["", /it is no JSON/],
        ["{", /it is no JSON/],
        ["null", /it has no fields/],
        ["[1]", /it has no fields/],
        ["{}", /nobody sent it/],
        [JSON.stringify({ ...good, type: 99 }), /its type 99 is unknown/],
        [JSON.stringify({ ...good, data: {} }), /"packet" of its type 3 is missing/],
        [header("1); DROP TABLE x"), /"1\); DROP TABLE x" is no attachment/],
        [header("1,2"), /"1,2" is no attachment/],
        [header({}), /{} is no attachment/],
        [header(null), /null is no attachment/],
        [header(-1), /-1 is no attachment/],
        [header("9".repeat(40)), /is no attachment/],
        [header(123456), /its attachment 123456 is gone/],
        [await stored(null), /is gone/],
        [await stored(new Uint8Array()), /decode/i],
        [await stored(new Uint8Array([0xc1])), /decode/i],
        [await stored(encodeValue(good).subarray(0, -1)), /decode/i],
        [await stored(encodeValue([])), /it has no fields/],
        [await stored(encodeValue({ ...good, data: null })), /"packet" of its type 3 is missing/],
      ];
      for (const [payload, message] of cases) {
        const said = once(client, "say");
        one.errors.length = 0;
        await broker.notify("/", payload);
        await broker.notify("/", JSON.stringify(good));
        assert.deepEqual(await said, ["good"]);
        assert.equal(one.errors.length, 1, payload);
        assert.match(one.errors[0]!.message, message);
      }
    });

    it("removes from the table what is old", async () => {
      await using broker = await open();
      const insert = (age: string) =>
        broker.pool.query(
          `INSERT INTO ${broker.tableName} (created_at) VALUES (now() - $1::interval)`,
          [age],
        );
      await Promise.all([insert("1 minute"), insert("-1 minute")]);
      await using one = await peer(broker, { cleanupInterval: 50 });
      await ready(one);
      let rows: number | undefined;
      await until(() => {
        broker.rows().then((known) => rows = known);
        return rows === 1;
      }, "one row");
    });

    it("reaches namespaces of any name and length", async () => {
      await using broker = await open();
      await using one = await peer(broker);
      await using two = await peer(broker);
      const long = "/" + "ü".repeat(100);
      for (
        const namespace of ['/a"; DROP TABLE x; --', long, long + "!", "/🦦".repeat(20)]
      ) {
        for (const { started } of [one, two]) started.io.of(namespace);
        await Promise.all([one, two].map((peer) => ready(peer, namespace)));
        const socket = await two.connect(namespace);
        const said = once(socket, "say");
        one.started.io.of(namespace).emit("say", namespace);
        assert.deepEqual(await said, [namespace]);
      }
      assert.equal((await one.started.io.of(long).fetchSockets()).length, 1);
      assert.deepEqual([...one.errors, ...two.errors], []);
    });

    it("tells the option errorHandler what goes wrong", async () => {
      await using broker = await open();
      const errors: Error[] = [];
      const errorHandler = (error: Error) => void errors.push(error);
      await using one = await start({ adapter: broker.join({ errorHandler }) });
      await (one.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
      await broker.notify("/", "nonsense");
      await until(() => errors.length > 0, "an error");
      assert.match(errors[0]!.message, /it is no JSON/);
    });
  });
}

describe("a pool of pg", SKIP, () => {
  it("has one connection that listens for all adapters that are made with it", async () => {
    await using broker = await PostgresBroker.open(url);
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    {
      await using one = await peer(broker, {}, pool);
      await using two = await peer(broker, {}, pool);
      await Promise.all([counts(one, 2), counts(two, 2)]);
      assert.equal(await broker.listening(), 1);
      const client = await two.connect();
      const said = once(client, "say");
      one.started.io.emit("say", new Uint8Array([1]));
      assert.equal(((await said)[0] as Uint8Array)[0], 1);
      assert.equal((await pool.query("SELECT 1 AS one")).rows[0].one, 1);
      await one.started.io.close();
      const again = once(client, "again");
      await broker.notify(
        "/",
        JSON.stringify({
          ...{ uid: "emitter", nsp: "/", type: 3 },
          data: { packet: { type: 2, nsp: "/", data: ["again"] }, opts: { rooms: [], except: [] } },
        }),
      );
      await again;
    }
    await pool.end();
  });
});
