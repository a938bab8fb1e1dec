import { decodeValue, encodeStandardValue } from "../../../../../parser/msgpack/mod.ts";
import { isReached } from "../../../../../server/adapter/redis_streams/entry_id.ts";
import { Latecomers } from "../../../../../server/adapter/redis_streams/latecomers.ts";
import { RecordEnd, withAfter } from "../../../../../server/adapter/redis_streams/record_end.ts";
import { assert, describe, it } from "../../../../harness/mod.ts";
import { until } from "../../../../harness/once.ts";

class Reader {
  position = "5-0";
  readonly delivered: string[] = [];
  readonly latecomers: Latecomers;

  constructor(patience = 10_000) {
    this.latecomers = new Latecomers((id) => isReached(this.position, id), patience);
  }

  take(uid: string, after: string | undefined, name: string): void {
    this.latecomers.take(uid, after, () => this.delivered.push(name));
  }

  read(id: string): string[] {
    this.position = id;
    this.latecomers.read();
    return this.delivered.splice(0);
  }
}

describe("Latecomers", () => {
  it("wait for the entry that they are behind, in the order of their sender", () => {
    const reader = new Reader();
    reader.take("a", "5-0", "a1");
    reader.take("a", "7-0", "a2");
    reader.take("a", undefined, "a3");
    reader.take("a", "6-0", "a4");
    reader.take("a", "8-0", "a5");
    reader.take("b", "5-0", "b1");
    reader.take("b", "6-0", "b2");
    assert.deepEqual(reader.delivered.splice(0), ["a1", "b1"]);
    assert.deepEqual(reader.read("6-0"), ["b2"]);
    // An entry may have been dropped.
    assert.deepEqual(reader.read("7-1"), ["a2", "a3", "a4"]);
    assert.deepEqual(reader.read("8-0"), ["a5"]);
    reader.take("a", "8-0", "a6");
    assert.deepEqual(reader.read("9-0"), ["a6"]);
  });

  it("wait once for an entry that does not come, as one of a stream that was lost", async () => {
    const reader = new Reader(20);
    reader.take("a", "7-0", "a1");
    await until(() => reader.delivered.length > 0, "the end of patience");
    for (const [uid, after] of [["a", "7-0"], ["b", "6-1"], ["a", "7-1"]] as const) {
      reader.take(uid, after, `${uid} ${after}`);
    }
    assert.deepEqual(reader.delivered, ["a1", "a 7-0", "b 6-1"]);
    assert.deepEqual(reader.read("7-1"), ["a1", "a 7-0", "b 6-1", "a 7-1"]);
  });

  it("wait for a while only", async () => {
    const reader = new Reader(20);
    reader.take("a", "6-0", "a1");
    reader.take("a", "7-0", "a2");
    reader.take("a", undefined, "a3");
    assert.deepEqual(reader.delivered, []);
    await until(() => reader.delivered.length === 3, "the messages");
    assert.deepEqual(reader.delivered, ["a1", "a2", "a3"]);
    assert.deepEqual(reader.read("7-0"), ["a1", "a2", "a3"]);
  });

  it("are forgotten, also while they are delivered", () => {
    const reader = new Reader();
    reader.latecomers.take("a", "6-0", () => reader.latecomers.clear());
    reader.take("a", "6-0", "a2");
    reader.take("b", "6-0", "b1");
    assert.deepEqual(reader.read("7-0"), []);
    assert.deepEqual(reader.read("8-0"), []);
  });
});

describe("RecordEnd", () => {
  it("knows the last id of what was recorded, and keeps the order", async () => {
    const end = new RecordEnd();
    const said: unknown[] = [];
    const say = (name: string) =>
      end.behind((id) => {
        said.push([name, id]);
        return Promise.resolve(name);
      });
    assert.equal(await say("first"), "first");
    const [one, two, three] = [1, 2, 3].map(() => Promise.withResolvers<unknown>());
    end.record(one!.promise);
    const second = say("second");
    end.record(two!.promise);
    say("third");
    end.record(three!.promise);
    assert.deepEqual(said.splice(0), [["first", undefined]]);
    one!.resolve("1-0");
    assert.equal(await second, "second");
    two!.reject(new Error("Redis is full"));
    const last = say("fourth");
    three!.resolve("3-0");
    await last;
    await say("fifth");
    assert.deepEqual(said, [
      ["second", "1-0"],
      ["third", "1-0"],
      ["fourth", "3-0"],
      ["fifth", "3-0"],
    ]);
    // It knows the id again.
    await new Promise((resolve) => setTimeout(resolve));
    say("at once");
    assert.deepEqual(said.at(-1), ["at once", "3-0"]);
  });
});

describe("withAfter()", () => {
  it("adds a field to a message", () => {
    const message = { uid: "u", nsp: "/", type: 3, data: { packet: [new Uint8Array([1])] } };
    const bytes = encodeStandardValue(message);
    assert.deepEqual(decodeValue(withAfter(bytes, undefined)), message);
    assert.deepEqual(decodeValue(withAfter(bytes, "1-0")), { ...message, after: "1-0" });
    assert.deepEqual(decodeValue(bytes), message);
  });
});
