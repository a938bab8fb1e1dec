import type { Item } from "../../../../server/adapter/broadcast_channel/frame.ts";
import { pack, unpack } from "../../../../server/adapter/broadcast_channel/pack.ts";
import {
  ReliableChannel,
  type ReliableChannelOptions,
} from "../../../../server/adapter/broadcast_channel/reliable_channel.ts";
import { LossyChannel, type LossyPort, seededRandom } from "../../../harness/lossy_channel.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { until } from "../../../harness/once.ts";

interface Thread extends AsyncDisposable {
  readonly channel: ReliableChannel;
  readonly port: LossyPort;
  /** The values that came. */
  readonly heard: unknown[];
  readonly errors: string[];
  say(value: unknown): void;
}

const LIMITS: ReliableChannelOptions = { maxKeptBytes: 1_000_000, maxKeptMessages: 10_000 };

function thread(lossy: LossyChannel, options: Partial<ReliableChannelOptions> = {}): Thread {
  const heard: unknown[] = [];
  const errors: string[] = [];
  const port = lossy.open();
  const handler = {
    deliver: (items: readonly Item[]) => {
      for (const [, , message] of items) heard.push((unpack(message) as { value: unknown }).value);
    },
    failed: ({ message }: Error) => errors.push(message),
  };
  const channel = new ReliableChannel(() => port, handler, { ...LIMITS, ...options });
  channel.open();
  return {
    ...{ channel, port, heard, errors },
    say: (value) => channel.send(pack("/", "", { value })),
    [Symbol.asyncDispose]: () => channel.close(),
  };
}

/** Resolves once each has heard the others. */
async function acquainted(...threads: Thread[]): Promise<void> {
  const from = threads.map(({ heard }) => heard.length);
  await until(() => {
    for (const { say } of threads) say("hello");
    return threads.every(({ heard }, i) => heard.length - from[i]! >= 3 * threads.length);
  }, "all to hear each other");
  const bye = threads.map(() => ({}));
  for (const [i, { say }] of threads.entries()) say({ bye: i });
  await until(
    () =>
      threads.every(({ heard }) =>
        heard.filter((value) => typeof value === "object").length === bye.length - 1
      ),
    "the end of the greeting",
  );
  for (const { heard } of threads) heard.length = 0;
}

/** Lets what is due happen, in turns of their own. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("a channel over one that loses", () => {
  for (const [rate, seed] of [[0, 1], [0.1, 2], [0.3, 3], [0.5, 4]] as const) {
    const count = rate > 0.4 ? 200 : 1500;
    it(`delivers all in order, each once, if ${100 * rate} % are lost`, async () => {
      const random = seededRandom(seed);
      const lossy = new LossyChannel(() => random() < rate);
      await using one = thread(lossy);
      await using two = thread(lossy);
      await using three = thread(lossy);
      const all = [one, two, three];
      await acquainted(...all);
      for (let i = 0; i < count; i++) {
        for (const [from, { say }] of all.entries()) {
          say(i % 5 === 0 ? [from, i, new Uint8Array([i])] : [from, i]);
        }
        if (i % 3 === 0) await Promise.resolve();
        if (i % 100 === 0) await turns(1);
      }
      await until(() => all.every(({ heard }) => heard.length >= 2 * count), "all messages");
      await turns(5);
      for (const [to, { heard, errors }] of all.entries()) {
        for (const by of all.keys()) {
          const numbers = (heard as [number, number][]).filter(([from]) => from === by);
          assert.deepEqual(numbers.map(([, i]) => i), by === to ? [] : range(0, count));
        }
        assert.deepEqual(errors, []);
      }
      assert.equal(lossy.lost > 0, rate > 0);
    });
  }

  it("posts what is said in one turn as one text", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy);
    await acquainted(one, two);
    lossy.posted.length = 0;
    for (let i = 0; i < 500; i++) one.say(i);
    await until(() => two.heard.length === 500, "all messages");
    const batches = lossy.posted.filter((frame) => String(frame).includes('"items"'));
    assert.equal(batches.length, 1);
    assert.equal(typeof batches[0], "string");
  });

  it("notices that the last message was lost", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy);
    await acquainted(one, two);
    two.port.isDeaf = true;
    one.say("last");
    await turns(2);
    two.port.isDeaf = false;
    await until(() => two.heard.length === 1, "the last message");
    assert.deepEqual(two.heard, ["last"]);
  });

  it("has few batches on their way to a thread that is busy", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy);
    await acquainted(one, two);
    lossy.posted.length = 0;
    const onmessage = two.port.onmessage as ((event: MessageEvent) => void) | null;
    const waiting: MessageEvent[] = [];
    two.port.onmessage = (event) => waiting.push(event);
    for (let i = 0; i < 2000; i++) {
      one.say(i);
      await Promise.resolve();
    }
    const batches = waiting.filter(({ data }) => String(data).includes('"items"'));
    assert.ok(batches.length > 8 && batches.length <= 16, `${batches.length} batches`);
    two.port.onmessage = onmessage;
    for (const event of waiting) onmessage?.(event);
    await until(() => two.heard.length >= 2000, "all messages");
    assert.deepEqual(two.heard, range(0, 2000));
  });

  it("goes on for the others if one thread has died", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy);
    const dead = thread(lossy);
    await acquainted(one, two, dead);
    dead.port.isDeaf = dead.port.isMute = true;
    for (let i = 0; i < 1000; i++) {
      one.say(i);
      await Promise.resolve();
    }
    await until(() => two.heard.length === 1000, "all messages");
    assert.deepEqual(two.heard, range(0, 1000));
    await dead.channel.close();
  });

  it("says how many messages cannot be had any more, and goes on", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy, { maxKeptMessages: 10 });
    await using two = thread(lossy);
    await acquainted(one, two);
    two.port.isDeaf = true;
    for (let i = 0; i < 100; i++) {
      one.say(i);
      if (i % 10 === 9) await turns(1);
    }
    two.port.isDeaf = false;
    await until(() => two.heard.includes(99), "the newest message");
    one.say("on");
    await until(() => two.heard.includes("on"), "what comes after");
    assert.deepEqual(two.heard, [...range(90, 100), "on"]);
    assert.deepEqual(two.errors, ["90 messages of another thread were lost"]);
  });

  it("keeps the newest message, however large", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy, { maxKeptBytes: 10 });
    await using two = thread(lossy);
    await acquainted(one, two);
    two.port.isDeaf = true;
    one.say("x".repeat(10_000));
    await turns(1);
    two.port.isDeaf = false;
    await until(() => two.heard.length === 1, "the message");
    assert.deepEqual(two.errors, []);
  });

  it("does not wait for the end of the turn with more than may wait", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy, { maxKeptMessages: 100 });
    await using two = thread(lossy);
    await acquainted(one, two);
    lossy.posted.length = 0;
    for (let i = 0; i < 1000; i++) one.say(i);
    assert.equal(lossy.posted.length, 9);
    await until(() => two.heard.length === 1000, "all messages");
  });

  it("tells a newcomer nothing that was said before", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy);
    await acquainted(one, two);
    two.port.isDeaf = true;
    one.say("before");
    await turns(3);
    await using three = thread(lossy);
    await turns(3);
    one.say("after");
    await until(() => three.heard.length > 0, "a message");
    assert.deepEqual(three.heard, ["after"]);
    two.port.isDeaf = false;
    await until(() => two.heard.length === 2, "what was missed");
    assert.deepEqual(two.heard, ["before", "after"]);
  });

  it("is heard by those who were there before from its first word on", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    one.port.isDeaf = true;
    await using two = thread(lossy);
    two.say("first");
    await turns(3);
    one.port.isDeaf = false;
    two.say("second");
    await until(() => one.heard.length === 2, "both messages");
    assert.deepEqual(one.heard, ["first", "second"]);
  });

  it("goes on where it was with a thread that comes back", async () => {
    const lossy = new LossyChannel();
    const times = { heartbeatInterval: 50, heartbeatTimeout: 200 };
    await using one = thread(lossy, { ...times, maxKeptMessages: 1 });
    await using two = thread(lossy, times);
    await acquainted(one, two);
    two.port.isDeaf = two.port.isMute = true;
    const acks = () => lossy.posted.slice(-2).map((frame) => JSON.parse(String(frame)).acks);
    await until(() => acks().every(({ length }) => length === 0), "both to forget each other");
    for (const value of ["missed", "missed, too", "kept"]) {
      one.say(value);
      await turns(1);
    }
    two.port.isDeaf = two.port.isMute = false;
    one.say("here");
    two.say("there");
    await until(() => two.heard.includes("here") && one.heard.length > 0, "what comes after");
    assert.deepEqual([one.heard, two.heard], [["there"], ["here"]]);
    assert.deepEqual(two.errors, ["3 messages of another thread were lost"]);
    assert.deepEqual(one.errors, []);
  });

  /** Has `two` miss one message of `one`, which does not hear that. */
  async function missesOne(one: Thread, two: Thread): Promise<void> {
    await acquainted(one, two);
    one.port.isDeaf = two.port.isDeaf = true;
    one.say("missed");
    await turns(2);
    two.port.isDeaf = false;
    one.say("heard");
    await turns(2);
    assert.deepEqual(two.heard, []);
  }

  it("waits for what a silent thread has still, until it speaks again", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy, { heartbeatInterval: 50, heartbeatTimeout: 200 });
    await missesOne(one, two);
    one.port.isMute = true;
    lossy.posted.length = 0;
    await until(
      () => lossy.posted.some((frame) => JSON.parse(String(frame)).acks.length === 0),
      "the other to count as gone",
    );
    assert.deepEqual(two.errors, []);
    one.port.isMute = one.port.isDeaf = false;
    one.say("on");
    await until(() => two.heard.includes("on"), "what comes after");
    assert.deepEqual(two.heard, ["missed", "heard", "on"]);
    assert.deepEqual(two.errors, []);
  });

  it("says what is lost of a thread that stays silent", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    await using two = thread(lossy, { heartbeatInterval: 20, heartbeatTimeout: 60 });
    await missesOne(one, two);
    one.port.isMute = true;
    await until(() => two.errors.length > 0, "the loss");
    assert.deepEqual(two.errors, ["2 messages of another thread were lost"]);
    one.port.isMute = one.port.isDeaf = false;
    one.say("on");
    await until(() => two.heard.length > 0, "what comes after");
    assert.deepEqual(two.heard, ["on"]);
    assert.equal(two.errors.length, 1);
  });

  it("does not wait for what a thread has that left", async () => {
    const lossy = new LossyChannel();
    const one = thread(lossy);
    // Too much patience for this test, if it were waited for.
    await using two = thread(lossy, { heartbeatInterval: 500, heartbeatTimeout: 1200 });
    await missesOne(one, two);
    await one.channel.close();
    await until(() => two.errors.length > 0, "the loss");
    assert.deepEqual(two.heard, ["heard"]);
    assert.deepEqual(two.errors, ["1 messages of another thread were lost"]);
  });

  it("has told all when it is closed", async () => {
    const random = seededRandom(5);
    const lossy = new LossyChannel(() => random() < 0.3);
    await using one = thread(lossy);
    const two = thread(lossy);
    await acquainted(one, two);
    for (let i = 0; i < 50; i++) {
      two.say(i);
      await Promise.resolve();
    }
    await two.channel.close();
    assert.deepEqual(one.heard, range(0, 50));
  });

  it("tells of what nobody would post", async () => {
    const lossy = new LossyChannel();
    await using one = thread(lossy);
    const cases: [unknown, string][] = [
      [undefined, "it has no fields"],
      ["{", "it is no JSON"],
      [{}, "nobody sent it"],
      [{ from: "x", born: 1 }, "it has no number"],
      [{ from: "x", born: 1, next: 1, acks: [["x", -1]] }, "its numbers are wrong"],
      [{ from: "x", born: 1, next: 1, acks: [], asks: [["x", 1]] }, "its numbers are wrong"],
      [{ from: "x", born: 1, next: 1, acks: [], items: [] }, "its messages are wrong"],
      [{ from: "x", born: 1, next: 1, acks: [], first: 0, items: [1] }, "its messages are wrong"],
    ];
    for (const [frame] of cases) lossy.tell(frame);
    await turns(1);
    const start = "Cannot read what came by the channel between threads: ";
    assert.deepEqual(one.errors, cases.map(([, what]) => start + what));
  });
});

describe("pack", () => {
  const cases: [name: string, value: unknown, travels: unknown, isText: boolean][] = [
    ["plain data", { a: [1, "two", null, true] }, { a: [1, "two", null, true] }, true],
    ["undefined", [undefined], [undefined], false],
    ["a hole", [, 1], [undefined, 1], false],
    ["a date", [new Date(5)], [new Date(5)], false],
    ["not a number", NaN, NaN, false],
    ["bytes", new Uint16Array([258]), new Uint8Array([2, 1]), false],
    ["a buffer", new Uint8Array([1]).buffer, new Uint8Array([1]), false],
    ["toJSON", { toJSON: () => ({ b: 1 }) }, { b: 1 }, false],
    [
      "an instance",
      new (class {
        c = 1;
      })(),
      { c: 1 },
      false,
    ],
    ["a map", new Map([[1, 2]]), {}, false],
    ["a boxed text", Object("text"), "text", false],
    ["functions", { f() {}, g: [() => {}, Symbol()] }, { g: [null, null] }, false],
    ["no prototype", { __proto__: null, d: 1 }, { d: 1 }, true],
    ["__proto__", JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}'), true],
    ["valueOf", { valueOf: 1, u: undefined }, { valueOf: 1, u: undefined }, false],
  ];
  for (const [name, value, travels, isText] of cases) {
    it(`${isText ? "writes" : "copies"} ${name}`, () => {
      const { text, value: copy } = pack("/", "", { value });
      assert.equal(text !== undefined, isText);
      const cloned = structuredClone({ message: text ?? copy });
      assert.deepEqual(unpack(cloned.message), { value: travels });
    });
  }

  it("copies bytes, which the caller may change", () => {
    const bytes = new Uint8Array([1]);
    const { value } = pack("/", "", { bytes });
    bytes[0] = 2;
    assert.deepEqual(value, { bytes: new Uint8Array([1]) });
  });

  it("throws for what cannot travel", () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const values: [unknown, RegExp][] = [
      [1n, /big integers do not travel/],
      [cyclic, /cyclic or nested too deep/],
      [new Blob([]), /a Blob must be read first/],
    ];
    for (const [value, message] of values) {
      assert.throws(() => pack("/", "", { value }), { name: "TypeError", message });
    }
  });
});
