import { decodeValue, encodeValue } from "../../../../parser/msgpack/mod.ts";
import type { SocketDetails } from "../../../../server/adapter/mod.ts";
import { divide, Parts, type SocketsAnswer } from "../../../../server/adapter/nats/parts.ts";
import { assert, describe, it } from "../../../harness/mod.ts";

function socket(id: string, data: unknown = undefined, auth: unknown = {}): SocketDetails {
  return { id, handshake: { auth }, rooms: [id], data } as unknown as SocketDetails;
}

function answer(sockets: readonly SocketDetails[], uid = "one"): SocketsAnswer {
  return { uid, nsp: "/", type: 8, data: { requestId: "1", sockets } };
}

function collector() {
  const errors: string[] = [];
  const parts = new Parts(({ message }) => errors.push(message));
  const take = (bytes: Uint8Array) => parts.take(decodeValue(bytes), bytes.length);
  return { parts, errors, take };
}

describe("an answer of NATS in parts", () => {
  for (const max of [200, 300, 1000, 5000]) {
    it(`has messages of ${max} bytes at most, and is put together again`, () => {
      const sockets = Array.from({ length: 100 }, (_, i) => socket(`${i}`, "x".repeat(i % 37)));
      const errors: unknown[] = [];
      const frames = divide(answer(sockets), max, (error) => errors.push(error));
      assert.ok(frames.length > 1);
      for (const { length } of frames) assert.ok(length <= max, `${length}`);
      const { take } = collector();
      const taken = frames.map(take);
      assert.deepEqual(taken.slice(0, -1), frames.slice(1).map(() => undefined));
      assert.deepEqual(taken.at(-1), answer(sockets));
      assert.deepEqual(errors, []);
    });
  }

  it("leaves out of a socket that is too large what it has to, and names it", () => {
    const large = "x".repeat(1000);
    const sockets = [
      socket("a", large),
      socket("b", large, { large }),
      socket(`c${large}`),
      socket("d", "fits"),
    ];
    const errors: string[] = [];
    const frames = divide(answer(sockets), 500, ({ message }) => errors.push(message));
    const { take } = collector();
    assert.deepEqual(
      frames.map(take).at(-1),
      answer([socket("a"), socket("b"), socket("d", "fits")]),
    );
    const reasons = [
      /socket "a": it has \d+ bytes.* without data$/,
      /"b".* without data and auth$/,
    ];
    for (
      const [i, reason] of [...reasons, /^Cannot tell other servers of socket "cx+"/].entries()
    ) {
      assert.match(errors[i]!, reason);
    }
    assert.equal(errors.length, 3);
  });

  it("says that there is nobody if nobody fits", () => {
    const frames = divide(answer([socket("x".repeat(1000))]), 100, () => {});
    assert.deepEqual(frames.map(collector().take), [answer([])]);
  });

  it("is not mixed with those of others, and counts each part once", () => {
    const sockets = Array.from({ length: 20 }, (_, i) => socket(`${i}`));
    const [ones, twos] = ["one", "two"].map((uid) => divide(answer(sockets, uid), 300, () => {}));
    const { take } = collector();
    const all = ones!.flatMap((frame, i) => [frame, frame, twos![i]!]);
    const [first, second] = all.reverse().map(take).filter((whole) => whole !== undefined);
    assert.deepEqual([first, second], [answer(sockets, "two"), answer(sockets)]);
  });

  it("passes on what is whole", () => {
    const { take } = collector();
    for (const message of [null, 1, {}, { type: 8 }, answer([])]) {
      assert.deepEqual(take(encodeValue(message)), message);
    }
  });

  it("throws for what no server would send", () => {
    const { take } = collector();
    const wrong = [
      { part: 0, parts: 10_001 },
      { part: 2, parts: 2 },
      { part: -1, parts: 2 },
      { part: 0, parts: 1.5 },
      { part: "0", parts: 2 },
      { parts: 2 },
      { part: 0, parts: 2, sockets: {} },
    ];
    for (const data of wrong) {
      const message = { ...answer([]), data: { requestId: "1", sockets: [], ...data } };
      assert.throws(() => take(encodeValue(message)), /no part of an answer/);
    }
  });

  it("has a limit for what waits", () => {
    const { parts } = collector();
    const part = (part: number, requestId: unknown = "1") => ({
      ...answer([]),
      data: { requestId, sockets: [], part, parts: 3 },
    });
    parts.take(part(0), 200 << 20);
    assert.throws(() => parts.take(part(1), 100 << 20), /its 3 parts are more than may wait/);
    // What has been refused does not count any more.
    parts.take(part(0), 200 << 20);
    parts.close();
    for (let i = 0; i < 1000; i++) parts.take(part(0, i), 1);
    assert.throws(() => parts.take(part(0, "more"), 1), /too many wait/);
    parts.close();
  });
});
