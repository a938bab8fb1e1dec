import { io } from "../../client/mod.ts";
import { Server } from "../../mod.ts";
import { cborParser } from "../../parser/cbor/mod.ts";
import { jsonParser, type Packet, PacketType, type Parser } from "../../parser/mod.ts";
import { msgpackParser } from "../../parser/msgpack/mod.ts";
import { assert, describe, it } from "../harness/mod.ts";
import { OfficialClients, ROADS } from "../harness/official.ts";
import { Clients } from "../harness/client_peers.ts";
import { once, type Source, within } from "../harness/once.ts";
import { Process } from "../harness/process.ts";
import { serve } from "../harness/serve.ts";
import customModule from "socket.io-json-parser";
import msgpackModule from "socket.io-msgpack-parser";

/** A parser that notes the names of the events that it encodes. */
function noting(parser: Parser, events: unknown[]): Parser {
  return {
    ...parser,
    encode: (packet: Packet) => {
      if (packet.type === PacketType.Event) events.push(packet.data[0]);
      return parser.encode(packet);
    },
  };
}

/** Bytes in whatever form a client hands them over. */
function bytesIn(value: unknown): number[] {
  return [...value instanceof ArrayBuffer ? new Uint8Array(value) : value as Uint8Array];
}

for (const [road, transports] of Object.entries(ROADS)) {
  describe(`several parsers on one path, by ${road}`, () => {
    it("official JSON and MessagePack clients and ours share rooms, acks and binary data", async () => {
      const encoded = { json: [] as unknown[], msgpack: [] as unknown[], cbor: [] as unknown[] };
      const server = new Server({
        parsers: [
          noting(jsonParser, encoded.json),
          noting(msgpackParser, encoded.msgpack),
          noting(cborParser, encoded.cbor),
        ],
      });
      server.on("connection", (socket) => {
        socket.on("join", (done: () => void) => {
          socket.join("room");
          done();
        });
        socket.on("say", (value: unknown, done: (value: unknown) => void) => {
          socket.to("room").emit("said", value);
          done(value);
        });
      });
      await using served = await serve(server);
      await using official = new OfficialClients(served.url);
      const json = await official.connect(transports);
      const msgpack = await official.connect({ ...transports, parser: msgpackModule });
      const cbor = io(served.url, { ...transports, forceNew: true, parser: cborParser });
      try {
        const clients = [json, msgpack, cbor];
        await once(cbor, "connect");
        await Promise.all(
          clients.map((client) => within(client.emitWithAck("join"), "the join")),
        );
        for (const speaker of clients) {
          for (const list of Object.values(encoded)) list.length = 0;
          const heard = clients.filter((client) => client !== speaker)
            .map((client) => once<[Record<string, unknown>]>(client, "said"));
          const value = { text: "é", bytes: Uint8Array.of(1, 2, 3) };
          const answer = await within(speaker.emitWithAck("say", value), "the answer");
          for (const result of [answer, ...(await Promise.all(heard)).map(([said]) => said)]) {
            const { text, bytes } = result as Record<string, unknown>;
            assert.equal(text, "é");
            assert.deepEqual(bytesIn(bytes), [1, 2, 3]);
          }
          const expected = { json: ["said"], msgpack: ["said"], cbor: ["said"] };
          assert.ok(Object.values(encoded).every((list) => list.length <= 1));
          for (const [name, client] of Object.entries({ json, msgpack, cbor })) {
            const key = name as keyof typeof encoded;
            if (client !== speaker) assert.deepEqual(encoded[key], expected[key]);
          }
        }
      } finally {
        cbor.disconnect();
      }
    });

    it("encodes nothing in a format that nobody speaks", async () => {
      const events: unknown[] = [];
      const unused = noting(cborParser, events);
      const server = new Server({ parsers: [jsonParser, unused] });
      await using served = await serve(server);
      await using official = new OfficialClients(served.url);
      const client = await official.connect(transports);
      const said = once(client, "said");
      server.emit("said", 1);
      assert.deepEqual(await said, [1]);
      assert.deepEqual(events, []);
    });

    it("a module in the official form works on the server and on the client", async () => {
      for (const parser of [customModule, msgpackModule]) {
        const server = new Server({ parser });
        server.on("connection", (socket) => {
          socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
        });
        await using served = await serve(server);
        await using official = new OfficialClients(served.url);
        const theirs = await official.connect({ ...transports, parser });
        const ours = io(served.url, { ...transports, forceNew: true, parser });
        try {
          await once(ours, "connect");
          const value = { a: [1, "é", null] };
          assert.deepEqual(await within(theirs.emitWithAck("echo", value), "the echo"), value);
          assert.deepEqual(await within(ours.emitWithAck("echo", value), "the echo"), value);
        } finally {
          ours.disconnect();
        }
      }
    });

    it("our MessagePack client speaks with npm socket.io on Node", async () => {
      await using process = new Process("node", ["tests/harness/official_msgpack_server.mjs"]);
      const [, port] = await process.printed(/port (\d+)/);
      await using clients = new Clients(`http://127.0.0.1:${port}`);
      for (const path of ["/", "/admin"]) {
        const client = await clients.connect({ ...transports, parser: msgpackParser }, path);
        const value = { text: "é", at: new Date(5), none: undefined, bytes: Uint8Array.of(1, 2) };
        const echoed = once(client, "echoed");
        assert.deepEqual(await within(client.emitWithAck("echo", value), "the echo"), value);
        assert.deepEqual(await echoed, [value]);
      }
    });

    it("an unknown first frame ends the connection, and no other", async () => {
      const server = new Server({ parsers: [msgpackParser, cborParser] });
      let connections = 0;
      server.on("connection", () => void connections++);
      await using served = await serve(server);
      await using official = new OfficialClients(served.url);
      const other = await official.connect({ ...transports, parser: msgpackModule });
      const [session] = await Promise.all([
        once<[Source]>(server.engine, "connection"),
        official.open(transports),
      ]);
      await once(session[0], "close");
      assert.equal(connections, 1);
      const heard = once(other, "still");
      server.emit("still", "there");
      assert.deepEqual(await heard, ["there"]);
    });
  });
}
