import type { ClusterMessage } from "../../../../../server/adapter/cluster/mod.ts";
import { fromFields, toFields } from "../../../../../server/adapter/redis_streams/entry.ts";
import { isEphemeral } from "../../../../../server/adapter/redis_streams/ephemeral.ts";
import { isEntryId, isReached } from "../../../../../server/adapter/redis_streams/entry_id.ts";
import { resolveOptions } from "../../../../../server/adapter/redis_streams/options.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";

function broadcast(...data: unknown[]): ClusterMessage {
  const packet = { type: 2, nsp: "/", data } as const;
  return { uid: "u", nsp: "/", type: 3, data: { packet, opts: { rooms: [], except: [] } } };
}

function fieldsOf(list: readonly string[]): Map<string, string> {
  const pairs: [string, string][] = [];
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i]!, list[i + 1]!]);
  return new Map(pairs);
}

describe("entries of a stream", () => {
  it("hold JSON, or MessagePack in base64 where there is binary data", () => {
    const text = toFields(broadcast("a", { b: [null] }), false);
    assert.deepEqual(text, [
      ...["uid", "u", "nsp", "/", "type", "3", "data"],
      '{"packet":{"type":2,"nsp":"/","data":["a",{"b":[null]}]},"opts":{"rooms":[],"except":[]}}',
    ]);
    const binary = fieldsOf(toFields(broadcast("a", [new Uint8Array([1])]), true));
    assert.match(binary.get("data")!, /^[A-Za-z0-9+/]+=*$/);
    const read = fromFields(binary) as { data: { packet: { data: [string, unknown] } } };
    assert.deepEqual(read.data.packet.data[1], [new Uint8Array([1])]);
  });

  it("refuse what cannot travel", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const value of [cyclic, 1n]) {
      for (const binary of [false, true]) {
        assert.throws(() => toFields(broadcast("a", value), binary), TypeError);
      }
    }
  });

  it("have no data where the message has none", () => {
    const fields = toFields({ uid: "u", nsp: "/", type: 13, data: undefined }, false);
    assert.deepEqual(fields, ["uid", "u", "nsp", "/", "type", "13"]);
    assert.deepEqual(fromFields(fieldsOf(fields)), { uid: "u", nsp: "/", type: 13 });
  });

  it("are made of all but what is to be answered", () => {
    const opts = { rooms: [], except: [] };
    const asks = { ...broadcast("a"), data: { ...broadcast("a").data as object, requestId: "r" } };
    assert.equal(isEphemeral(asks as ClusterMessage), true);
    assert.equal(isEphemeral(broadcast("a")), false);
    assert.equal(
      isEphemeral({ uid: "u", nsp: "/", type: 7, data: { opts, requestId: "r" } }),
      true,
    );
    assert.equal(isEphemeral({ uid: "u", nsp: "/", type: 9, data: { packet: ["a"] } }), true);
    assert.equal(isEphemeral({ uid: "u", nsp: "/", type: 6, data: { opts, close: true } }), false);
  });
});

describe("ids of entries", () => {
  it("are told from what else a client may send", () => {
    for (const id of ["0-0", "1700000000000-12"]) assert.equal(isEntryId(id), true, id);
    for (
      const text of [
        "",
        "-",
        "+",
        "$",
        "1",
        "1-",
        "1-2-3",
        "(1-1",
        "1-1\n",
        "a-1",
        `${"1".repeat(20)}-1`,
      ]
    ) {
      assert.equal(isEntryId(text), false, text);
    }
  });

  it("are compared by number", () => {
    const ids = ["0-0", "9-2", "9-10", "10-0", "10-1", "9007199254740993-0", "9007199254740993-1"];
    for (const [i, id] of ids.entries()) {
      for (const [j, other] of ids.entries()) {
        assert.equal(isReached(id, other), i >= j, `${id} ${other}`);
      }
    }
  });
});

describe("the options for streams", () => {
  it("have the defaults of npm", () => {
    assert.deepEqual(resolveOptions({}), {
      streamName: "socket.io",
      streamCount: 1,
      channelPrefix: "socket.io",
      useShardedPubSub: false,
      maxLen: 10_000,
      readCount: 100,
      blockTimeInMs: 5000,
      sessionKeyPrefix: "sio:session:",
      onlyPlaintext: false,
    });
  });

  it("are refused where they are not what they have to be", () => {
    for (const name of ["streamCount", "maxLen", "readCount", "blockTimeInMs"]) {
      for (const value of [-1, 1.5, NaN, "5"]) {
        assert.throws(() => resolveOptions({ [name]: value }), RangeError, `${name} ${value}`);
      }
    }
    assert.equal(resolveOptions({ blockTimeInMs: 0 }).blockTimeInMs, 0);
    assert.throws(() => resolveOptions({ maxLen: 0 }), RangeError);
    for (const name of ["streamName", "channelPrefix", "sessionKeyPrefix"]) {
      assert.throws(() => resolveOptions({ [name]: 5 }), TypeError);
    }
  });
});
