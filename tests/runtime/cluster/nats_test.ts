import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Server } from "../../../mod.ts";
import { encodeValue } from "../../../parser/msgpack/mod.ts";
import { createAdapter } from "../../../server/adapter/nats/mod.ts";
import { Gate } from "../../harness/gate.ts";
import { assert, describe, it } from "../../harness/mod.ts";
import { once, until } from "../../harness/once.ts";
import { untilServers } from "../../harness/server_count.ts";
import { find } from "../../harness/services.ts";
import { start } from "../../harness/started.ts";
import { type Broker, clusterSuite } from "../../suite/cluster.ts";

const { url, SKIP } = await find("nats");
const WEBSOCKET = { transports: ["websocket"] };

function randomPrefix(): string {
  return `test.${crypto.randomUUID()}`;
}

async function connectTo(servers = url): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

/** Servers with a connection each. */
function broker(): Broker {
  const connections: NatsConnection[] = [];
  const subjectPrefix = randomPrefix();
  return {
    async join(options = {}) {
      const connection = await connectTo();
      connections.push(connection);
      return createAdapter(connection, { subjectPrefix, ...options });
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) {
        assert.equal(connection.isClosed(), false);
        await connection.close();
      }
    },
  };
}

const known = (io: Server, size: number, nsp = "/") => untilServers(io.of(nsp), size);

describe("servers over NATS", SKIP, () => clusterSuite(broker));

describe("the NATS adapter", SKIP, () => {
  it("lets two servers share a connection", async () => {
    await using connection = await connectTo();
    const adapter = createAdapter(connection, { subjectPrefix: randomPrefix() });
    await using one = await start({ adapter });
    await using two = await start({ adapter });
    await known(one.io, 2);
    two.io.on("ask", (done: (answer: number) => void) => done(7));
    assert.deepEqual(await one.io.serverSideEmitWithAck("ask"), [7]);
  });

  it("keeps namespaces of any name apart", async () => {
    await using connection = await connectTo();
    const adapter = createAdapter(connection, { subjectPrefix: randomPrefix() });
    const long = "/" + "long ".repeat(200);
    const names = ["/a.b", "/a b", "/*", "/>", "/=2F", "/é🦦", long, long + "2"];
    const heard: unknown[] = [];
    const setUp = (io: Server) => {
      for (const name of names) {
        io.of(name).on("say", (value: unknown) => heard.push([name, value]));
      }
    };
    await using one = await start({ adapter }, setUp);
    await using two = await start({ adapter }, setUp);
    for (const name of names) await known(one.io, 2, name);
    for (const name of names) assert.deepEqual(await two.io.of(name).fetchSockets(), []);
    for (const name of names) one.io.of(name).serverSideEmit("say", name);
    await until(() => heard.length === names.length, "all events");
    assert.deepEqual(heard, names.map((name) => [name, name]));
    assert.equal(connection.isClosed(), false);
  });

  it("has the caller told of what is too large, and goes on", async () => {
    await using connection = await connectTo();
    const adapter = createAdapter(connection, { subjectPrefix: randomPrefix() });
    await using one = await start({ adapter });
    await using two = await start({ adapter });
    await known(one.io, 2);
    const max = connection.info!.max_payload;
    const large = new Uint8Array(max);
    const expected = {
      name: "TypeError",
      message: new RegExp(
        `^Cannot send message: it has ${
          max.toString().slice(0, -3)
        }\\d{3} bytes, and NATS takes ${max} at most$`,
      ),
    };
    assert.throws(() => one.io.emit("say", large), expected);
    await assert.rejects(one.io.serverSideEmitWithAck("say", large), expected);
    two.io.on("ask", (done: (answer: Uint8Array) => void) => done(large));
    const failed = once<[Error]>(two.io.sockets.adapter as never, "error");
    one.io.serverSideEmitWithAck("ask").catch(() => {});
    assert.match((await failed)[0].message, expected.message);
    assert.throws(() => one.io.emit("say", 1n), TypeError);
    const client = await two.clients.connect(WEBSOCKET);
    const heard = once(client, "say");
    one.io.emit("say", new Uint8Array(max - 1000));
    assert.equal(((await heard)[0] as Uint8Array).length, max - 1000);
  });

  it("answers with more sockets than one message holds", async () => {
    await using connection = await connectTo();
    const adapter = createAdapter(connection, { subjectPrefix: randomPrefix() });
    await using one = await start({ adapter });
    await using two = await start({ adapter });
    await known(one.io, 2);
    const clients = [];
    for (let i = 0; i < 4; i++) clients.push(await two.clients.connect(WEBSOCKET));
    const ids = clients.map(({ id }) => id!).sort();
    for (const id of ids) two.io.sockets.sockets.get(id)!.data = { large: "x".repeat(400_000), id };
    const fetched = await one.io.fetchSockets();
    assert.deepEqual(fetched.map(({ id }) => id).sort(), ids);
    for (const { id, data } of fetched) {
      assert.deepEqual(data, { large: "x".repeat(400_000), id });
    }
    const failed = once<[Error]>(two.io.sockets.adapter as never, "error");
    two.io.sockets.sockets.get(ids[0]!)!.data = "x".repeat(2_000_000);
    const without = await one.io.fetchSockets();
    assert.equal(without.length, 4);
    assert.equal(without.find(({ id }) => id === ids[0])!.data, undefined);
    assert.match((await failed)[0].message, new RegExp(`of socket "${ids[0]}": .* without data$`));
  });

  it("answers no name that would end its connection", async () => {
    await using connection = await connectTo();
    const subjectPrefix = randomPrefix();
    await using one = await start({ adapter: createAdapter(connection, { subjectPrefix }) });
    await (one.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
    const errors: string[] = [];
    one.io.sockets.adapter.on("error", ({ message }: Error) => void errors.push(message));
    const uids = ["u".repeat(4500), "a b", "*", ">", "a.b", "a\r\nPUB x 0"];
    for (const uid of uids) {
      const data = { opts: { rooms: [], except: [] }, requestId: "1" };
      connection.publish(`${subjectPrefix}.=2F`, encodeValue({ uid, nsp: "/", type: 7, data }));
    }
    await until(() => errors.length >= uids.length, "an error for each");
    for (const error of errors) assert.match(error, /^Cannot answer ".*": that is the name of no/);
    await connection.flush();
    assert.equal(errors.length, uids.length);
  });

  it("tells of what no server would send, and goes on", async () => {
    await using connection = await connectTo();
    const subjectPrefix = randomPrefix();
    await using one = await start({ adapter: createAdapter(connection, { subjectPrefix }) });
    await (one.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
    const errors: string[] = [];
    one.io.sockets.adapter.on("error", ({ message }: Error) => void errors.push(message));
    const client = await one.clients.connect(WEBSOCKET);
    const heard = once(client, "say");
    const subject = `${subjectPrefix}.=2F`;
    connection.publish(subject, new Uint8Array([0xc1]));
    connection.publish(subject);
    connection.publish(subject, "text");
    connection.publish(subject, encodeValue(null));
    connection.publish(subject, encodeValue({ uid: "x", nsp: "/", type: 99 }));
    const packet = { type: 2, nsp: "/", data: ["say", "hello"] };
    const data = { packet, opts: { rooms: [], except: [] } };
    connection.publish(subject, encodeValue({ uid: "emitter", nsp: "/", type: 3, data }));
    assert.deepEqual(await heard, ["hello"]);
    for (const error of errors.splice(0, 3)) {
      assert.match(error, /^Cannot read what came by NATS: it is no MessagePack: \w/);
    }
    assert.deepEqual(errors, [
      "Cannot read cluster message: it has no fields",
      "Cannot read cluster message: its type 99 is unknown",
    ]);
  });

  it("goes on when the connection comes back", async () => {
    await using gate = await Gate.before(url);
    await using far = await connectTo(new URL(gate.url).host);
    await using near = await connectTo();
    const subjectPrefix = randomPrefix();
    await using one = await start({ adapter: createAdapter(far, { subjectPrefix }) });
    await using two = await start({ adapter: createAdapter(near, { subjectPrefix }) });
    await known(one.io, 2);
    await known(two.io, 2);
    const errors: string[] = [];
    one.io.sockets.adapter.on("error", ({ message }: Error) => void errors.push(message));
    await gate.shut();
    await until(() => errors.length === 1, "the loss");
    one.io.emit("say", "into the void");
    await assert.rejects(one.io.serverSideEmitWithAck("ask"), /there is no connection to NATS/);
    await until(() => errors.length === 2, "the failure");
    assert.deepEqual(errors, [
      "The connection to NATS is lost, and messages with it",
      "Cannot send message: there is no connection to NATS",
    ]);
    const back = statusOf(far, "reconnect");
    await gate.open();
    await back;
    const clients = [await one.clients.connect(WEBSOCKET), await two.clients.connect(WEBSOCKET)];
    await until(() => one.io.sockets.sockets.size === 1, "the client");
    await far.flush();
    for (const { io } of [one, two]) {
      const heard = Promise.all(clients.map((client) => once(client, "say")));
      io.emit("say", "again");
      assert.deepEqual(await heard, [["again"], ["again"]]);
    }
    assert.equal(errors.length, 2);
  });

  it("closes without a connection", async () => {
    await using gate = await Gate.before(url);
    await using connection = await connectTo(new URL(gate.url).host);
    await using one = await start({ adapter: createAdapter(connection) });
    const lost = once(one.io.sockets.adapter as never, "error");
    await gate.shut();
    await lost;
    await one.io.close();
    assert.equal(connection.isClosed(), false);
  });

  it("closes after its connection, and tells of that", async () => {
    const connection = await connectTo();
    await using one = await start({ adapter: createAdapter(connection) });
    await (one.io.sockets.adapter as unknown as { ready: Promise<void> }).ready;
    const failed = once<[Error]>(one.io.sockets.adapter as never, "error");
    await connection.close();
    assert.equal((await failed)[0].message, "The connection to NATS is closed");
    await one.io.close();
  });

  it("leaves no subscription behind", async () => {
    await using connection = await connectTo();
    const subjectPrefix = randomPrefix();
    const one = await start({ adapter: createAdapter(connection, { subjectPrefix }) });
    one.io.of("/more");
    await (one.io.of("/more").adapter as unknown as { ready: Promise<void> }).ready;
    const { protocol } = connection as unknown as {
      protocol: { subscriptions: { size(): number }; listeners: unknown[] };
    };
    assert.equal(protocol.subscriptions.size(), 4);
    assert.equal(protocol.listeners.length, 1);
    await one[Symbol.asyncDispose]();
    assert.equal(protocol.subscriptions.size(), 0);
    await until(() => protocol.listeners.length === 0, "the end of the watch");
    assert.equal(connection.isClosed(), false);
  });

  it("refuses a prefix that is no subject", async () => {
    await using connection = await connectTo();
    assert.throws(() => createAdapter(connection, { subjectPrefix: "a.>" }), {
      name: "TypeError",
      message: 'Cannot use subjectPrefix "a.>": it is no subject without wildcards',
    });
  });
});

async function statusOf(connection: NatsConnection, wanted: string): Promise<void> {
  for await (const { type } of connection.status()) if (type === wanted) return;
}
