import pg from "pg";
import postgres from "postgres";
import { channelName } from "../../../../../server/adapter/postgres/channel.ts";
import { createAdapter } from "../../../../../server/adapter/postgres/mod.ts";
import { readOptions } from "../../../../../server/adapter/postgres/options.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

const DEFAULTS = {
  channelPrefix: "socket.io",
  tableName: "socket_io_attachments",
  payloadThreshold: 8000,
  cleanupInterval: 30_000,
};

describe("createAdapter() of PostgreSQL", () => {
  it("takes a pool of pg and sql of postgres", async () => {
    const pool = new pg.Pool();
    const sql = postgres();
    assert.equal(typeof createAdapter(pool), "function");
    assert.equal(typeof createAdapter(sql), "function");
    await Promise.all([pool.end(), sql.end()]);
  });

  it("refuses what is no such client", () => {
    const mysql = Object.assign(() => {}, {
      unsafe: () => {},
      listen: () => {},
      options: { adapter: "mysql" },
    });
    const withoutListen = Object.assign(() => {}, { unsafe: () => {} });
    const values = [undefined, null, "postgres://", {}, () => {}, new pg.Client(), mysql];
    for (const value of [...values, withoutListen]) {
      assert.throws(() => createAdapter(value as never), {
        name: "TypeError",
        message: /^Cannot use client of PostgreSQL: it is neither a Pool of pg, nor/,
      });
    }
  });

  it("refuses a pool whose only connection would listen", () => {
    const pool = new pg.Pool({ max: 1 });
    assert.throws(() => createAdapter(pool), {
      name: "RangeError",
      message: /none is left to send/,
    });
  });

  it("refuses options out of their range when it is called", () => {
    const pool = new pg.Pool();
    assert.throws(() => createAdapter(pool, { payloadThreshold: 8001 }), RangeError);
    assert.throws(() => createAdapter(pool, { requestsTimeout: 0 })({ name: "/" } as never), {
      name: "RangeError",
      message: /requestsTimeout/,
    });
  });
});

describe("readOptions()", () => {
  it("has the defaults of npm", () => assert.deepEqual(readOptions({}), DEFAULTS));

  it("takes what PostgreSQL takes", () => {
    const tables = [
      ...[
        "a",
        "_a$1",
        "public.a",
        "db.public.a",
        "Größe",
        '"a b"',
        '"a""; b"."c.d"',
        "x".repeat(99),
      ],
    ];
    for (const tableName of tables) assert.equal(readOptions({ tableName }).tableName, tableName);
    for (const channelPrefix of ["", "a".repeat(62), "ü".repeat(31), 'a"b']) {
      assert.equal(readOptions({ channelPrefix }).channelPrefix, channelPrefix);
    }
    for (const payloadThreshold of [0, 8000]) {
      assert.equal(readOptions({ payloadThreshold }).payloadThreshold, payloadThreshold);
    }
  });

  const wrong: [options: Readonly<Record<string, unknown>>, error: string, message: RegExp][] = [
    [{ tableName: "" }, "TypeError", /tableName: "" does not name a table/],
    [{ tableName: "a; DROP TABLE b" }, "TypeError", /tableName/],
    [{ tableName: "a b" }, "TypeError", /tableName/],
    [{ tableName: "1a" }, "TypeError", /tableName/],
    [{ tableName: '"a' }, "TypeError", /tableName/],
    [{ tableName: '"a"b"' }, "TypeError", /tableName/],
    [{ tableName: "a." }, "TypeError", /tableName/],
    [{ tableName: "a.b.c.d" }, "TypeError", /tableName/],
    [{ tableName: "a\n" }, "TypeError", /tableName/],
    [{ tableName: '"a\0"' }, "TypeError", /tableName/],
    [{ tableName: 7 }, "TypeError", /tableName/],
    [{ channelPrefix: 7 }, "TypeError", /channelPrefix: it is not a string/],
    [{ channelPrefix: "a\0" }, "TypeError", /null character/],
    [{ channelPrefix: "a".repeat(63) }, "RangeError", /has 64 bytes.* first 63 only/],
    [{ channelPrefix: "ü".repeat(32) }, "RangeError", /has 65 bytes/],
    [{ payloadThreshold: -1 }, "RangeError", /payloadThreshold: .* from 0 to 8000/],
    [{ payloadThreshold: 8001 }, "RangeError", /payloadThreshold/],
    [{ payloadThreshold: "1" }, "RangeError", /payloadThreshold/],
    [{ cleanupInterval: 0 }, "RangeError", /cleanupInterval: .* from 1 to 2147483647/],
    [{ cleanupInterval: 2 ** 31 }, "RangeError", /cleanupInterval/],
    [{ cleanupInterval: NaN }, "RangeError", /cleanupInterval/],
    [{ errorHandler: "log" }, "TypeError", /errorHandler: it is not a function/],
  ];
  for (const [options, name, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => readOptions(options), { name, message });
    });
  }
});

describe("channelName()", () => {
  const cases: [prefix: string, namespace: string, channel: string][] = [
    ["socket.io", "/", "socket.io#/"],
    ["", "/a", "#/a"],
    ["p", "/" + "a".repeat(60), "p#/" + "a".repeat(60)],
    ["p", "/" + "a".repeat(61), "p#/" + "a".repeat(60)],
    ["p", "/" + "ü".repeat(30), "p#/" + "ü".repeat(30)],
    ["p", "/a" + "ü".repeat(30), "p#/a" + "ü".repeat(29)],
    ["p", "/" + "🦦".repeat(16), "p#/" + "🦦".repeat(15)],
    ["p", "/\ud800", "p#/\ufffd"],
  ];
  for (const [prefix, namespace, channel] of cases) {
    it(`cuts ${prefix}#${namespace.slice(0, 5)}… of ${namespace.length} like LISTEN`, () => {
      assert.equal(channelName(prefix, namespace), channel);
    });
  }
});
