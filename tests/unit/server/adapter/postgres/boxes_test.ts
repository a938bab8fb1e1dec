import { decode } from "@msgpack/msgpack";
import { encodeValue } from "../../../../../parser/msgpack/mod.ts";
import type { ClusterMessage, Receiver } from "../../../../../server/adapter/cluster/mod.ts";
import { Attachments } from "../../../../../server/adapter/postgres/attachments.ts";
import type { Database, Row } from "../../../../../server/adapter/postgres/database.ts";
import { Inbox } from "../../../../../server/adapter/postgres/inbox.ts";
import { readOptions } from "../../../../../server/adapter/postgres/options.ts";
import { Outbox } from "../../../../../server/adapter/postgres/outbox.ts";
import { encodeMessage } from "../../../../../server/adapter/postgres/payload.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly answer: PromiseWithResolvers<readonly Row[]>;
}

/** A database whose answers the test gives. */
class FakeDatabase implements Database {
  readonly queries: Query[] = [];

  query(text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const answer = Promise.withResolvers<readonly Row[]>();
    this.queries.push({ text, values, answer });
    return answer.promise;
  }

  listen(): never {
    throw new Error("Nobody asks for that");
  }

  /** Answers the only query that waits, and lets what follows from that happen. */
  async answer(rows: readonly Row[] | Error): Promise<Query> {
    assert.equal(this.queries.length, 1);
    const query = this.queries.pop();
    if (rows instanceof Error) query!.answer.reject(rows);
    else query!.answer.resolve(rows);
    await turn();
    return query!;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function message(data: unknown, uid = "other"): ClusterMessage {
  const packet = { type: 2, nsp: "/", data: ["say", data] } as const;
  return { uid, nsp: "/", type: 3, data: { packet, opts: { rooms: [], except: [] } } } as never;
}

describe("Outbox", () => {
  const outboxOf = (database: Database) =>
    new Outbox(database, new Attachments(database, readOptions({})), "channel");

  it("sends one statement after the other, and all that waits with one, but nothing twice", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const log: string[] = [];
    const bytes = { bytes: new Uint8Array([1]), before: "<", after: ">" };
    for (const text of ["a", "b", "c", "b", bytes, bytes, "d"]) {
      const payload = typeof text === "string" ? { text } : text;
      outbox.send(payload).then(() => log.push(typeof text === "string" ? text : "bytes"));
    }
    const stored = [bytes.bytes, "<", ">"];
    const sent: unknown[] = [];
    while (database.queries.length > 0) {
      const { values } = await database.answer([]);
      sent.push(values);
      log.push("|");
    }
    assert.deepEqual(sent, [
      ["channel", "a"],
      ["channel", '["b","c"]'],
      ["channel", ...[null, "b", null], ...stored, ...stored, ...[null, "d", null]],
    ]);
    assert.equal(log.join(" "), "a | b c | b bytes bytes d |");
    await outbox.drained();
  });

  it("rejects what failed, and goes on", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const failed = assert.rejects(outbox.send({ text: "a" }), /away/);
    const sent = outbox.send({ text: "b" });
    await database.answer(new Error("away"));
    await database.answer([]);
    await Promise.all([failed, sent]);
  });

  it("takes no more bytes at once than 4 MiB, nor more messages than 100", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const payloads = [
      ...Array.from(
        { length: 5 },
        () => ({ bytes: new Uint8Array(1 << 20), before: "", after: "" }),
      ),
      ...Array.from({ length: 200 }, (_, i) => ({ text: `${i}` })),
      { bytes: new Uint8Array(5 << 20), before: "", after: "" },
      { bytes: new Uint8Array(1), before: "", after: "" },
    ];
    for (const payload of payloads) outbox.send(payload);
    const counts: number[] = [];
    while (database.queries.length > 0) {
      const { values } = await database.answer([]);
      const [, texts] = values;
      const isList = typeof texts === "string" && texts.startsWith("[");
      counts.push(isList ? JSON.parse(texts).length : Math.ceil((values.length - 1) / 3));
    }
    assert.deepEqual(counts, [1, 100, 100, 4, 1, 1]);
  });

  it("sends the others of a batch that the database refuses", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const first = outbox.send({ text: "first" });
    const bytes = { bytes: new Uint8Array(1), before: "", after: "" };
    const batch = [bytes, { text: "a" }, bytes, { text: "b" }];
    const sent = Promise.allSettled(batch.map((payload) => outbox.send(payload)));
    await database.answer([]);
    await first;
    const missing = Object.assign(new Error("no table"), { code: "42P01" });
    for (const answer of [missing, missing, [], missing, []]) await database.answer(answer);
    const results = (await sent).map(({ status }) => status);
    assert.deepEqual(results, ["rejected", "fulfilled", "rejected", "fulfilled"]);
  });

  it("sends nothing again of which it may have been sent", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const sent = Promise.allSettled(["a", "b", "c"].map((text) => outbox.send({ text })));
    await database.answer([]);
    await database.answer(Object.assign(new Error("shut down"), { code: "57P01" }));
    const results = (await sent).map(({ status }) => status);
    assert.deepEqual(results, ["fulfilled", "rejected", "rejected"]);
    assert.equal(database.queries.length, 0);
  });

  it("refuses what is too much for a database that does not answer", async () => {
    const database = new FakeDatabase();
    const outbox = outboxOf(database);
    const bytes = { bytes: new Uint8Array(65 << 20), before: "", after: "" };
    const sent = outbox.send(bytes);
    await assert.rejects(outbox.send({ text: "a" }), /too many still wait for the database/);
    await database.answer([]);
    await sent;
    const next = outbox.send({ text: "b" });
    await database.answer([]);
    await next;
  });
});

describe("Attachments", () => {
  it("removes what is old until nobody uses it, and reports what prevents it", async () => {
    const database = new FakeDatabase();
    const attachments = new Attachments(database, readOptions({ cleanupInterval: 1 }));
    const errors: unknown[] = [];
    const unuse = [1, 2].map(() => attachments.use((error) => errors.push(error)));
    const asked = () => until(() => database.queries.length > 0, "a query");
    await asked();
    await database.answer(Object.assign(new Error("no table"), { code: "42P01" }));
    await asked();
    assert.deepEqual(errors, []);
    const denied = Object.assign(new Error("denied"), { code: "42501" });
    await database.answer(denied);
    assert.deepEqual(errors, [denied, denied]);
    unuse[0]!();
    await asked();
    const { text, values } = await database.answer([]);
    assert.match(text, /^DELETE FROM socket_io_attachments WHERE created_at </);
    assert.deepEqual(values, [1]);
    await asked();
    unuse[1]!();
    await database.answer(denied);
    assert.equal(errors.length, 2);
  });
});

describe("Inbox", () => {
  const open = () => {
    const database = new FakeDatabase();
    const received: unknown[] = [];
    const errors: unknown[] = [];
    const inbox = new Inbox(
      new Attachments(database, readOptions({})),
      {
        uid: "own",
        receive: (value: unknown) => received.push(value),
        failed: (error: unknown) => errors.push(error),
      } as unknown as Receiver,
    );
    const attach = (id: number) =>
      inbox.notified(JSON.stringify({ uid: "other", type: 3, attachmentId: `${id}` }));
    return { database, received, errors, inbox, attach };
  };
  const row = (id: number) => ({ id: `${id}`, payload: encodeValue(id) });

  it("keeps the order while attachments are read, several at once", async () => {
    const { database, received, errors, inbox, attach } = open();
    inbox.notified("1");
    assert.deepEqual(received, [1]);
    attach(2);
    attach(3);
    inbox.notified("4");
    attach(5);
    attach(6);
    inbox.notified("7");
    assert.deepEqual((await database.answer([row(2)])).values, ["2"]);
    assert.deepEqual((await database.answer([row(3)])).values, ["3"]);
    assert.deepEqual(received, [1, 2, 3, 4]);
    assert.deepEqual((await database.answer([row(6), row(5)])).values, ["5,6"]);
    assert.deepEqual(received, [1, 2, 3, 4, 5, 6, 7]);
    inbox.notified("8");
    assert.deepEqual(received.at(-1), 8);
    assert.deepEqual(errors, []);
  });

  it("goes on when attachments cannot be read", async () => {
    const { database, received, errors, inbox, attach } = open();
    attach(1);
    inbox.notified("2");
    const away = new Error("away");
    await database.answer(away);
    assert.deepEqual(received, [2]);
    assert.deepEqual(errors, [away]);
  });

  it("hands over nothing and reports nothing when it is closed", async () => {
    const { database, received, errors, inbox, attach } = open();
    attach(1);
    inbox.notified("2");
    inbox.close();
    inbox.notified("3");
    await database.answer([row(1)]);
    assert.deepEqual([received, errors, database.queries], [[], [], []]);
  });

  it("does not read what is its own", () => {
    const { database, received, inbox } = open();
    const own = encodeMessage(message(1, "own"), false, 8000);
    assert.ok("text" in own);
    inbox.notified(own.text);
    const bytes = encodeMessage(message(new Uint8Array(1), "own"), true, 8000);
    assert.ok("bytes" in bytes);
    inbox.notified(bytes.before + "7" + bytes.after);
    assert.deepEqual([received, database.queries], [[], []]);
  });

  it("reports what is too much to wait for an attachment", () => {
    const { errors, inbox, attach } = open();
    attach(1);
    for (let i = 0; i < 10_000; i++) inbox.notified("2");
    assert.match(String(errors), /^ClusterError: Cannot receive message: too many still wait/);
  });
});

describe("encodeMessage()", () => {
  const at = new Date(1500);
  const said = (payload: ReturnType<typeof encodeMessage>) => {
    assert.ok("bytes" in payload);
    assert.equal(
      payload.before + "7" + payload.after,
      '{"uid":"other","type":3,"attachmentId":"7"}',
    );
    // As npm reads it.
    const { data: { packet } } = decode(payload.bytes) as { data: { packet: { data: unknown[] } } };
    return packet.data[1];
  };

  it("writes binary data with dates and what is undefined as npm reads it", () => {
    const bytes = new Uint8Array([1]);
    const value = {
      ...{ at, none: undefined, list: [, undefined, () => {}], "__proto__x": 1, bytes },
      custom: { toJSON: () => ({ at }) },
      method() {},
    };
    assert.deepEqual(said(encodeMessage(message(value), true, 8000)), {
      ...{ at, none: null, list: [null, null, null], "__proto__x": 1, bytes },
      custom: { at },
    });
  });

  it("writes what is only large as the JSON that it would be if it were not", () => {
    const large = "x".repeat(8000);
    const value = { large, at, none: undefined };
    assert.deepEqual(said(encodeMessage(message(value), false, 8000)), { large, at: at.toJSON() });
  });

  it("refuses what cannot travel", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const value of [cyclic, { deep: cyclic }, [new Uint8Array(1), cyclic], 1n]) {
      for (const binary of [true, false]) {
        assert.throws(() => encodeMessage(message(value), binary, 8000), TypeError);
      }
    }
  });
});
