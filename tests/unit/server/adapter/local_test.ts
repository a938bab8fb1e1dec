import { createJsonParser, type EventPacket, PacketType } from "../../../../parser/mod.ts";
import { LocalAdapter, type Target } from "../../../../server/adapter/mod.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, type Random, seeded } from "../../parser/random.ts";
import { FakeRecipient, FakeScope } from "./fakes.ts";

const OTHER = createJsonParser({ maxAttachments: 3 });
const ROOMS = ["x", "y", "z"];

function event(value: unknown): EventPacket {
  return { type: PacketType.Event, nsp: "/test", data: ["n", value] };
}

function join(scope: FakeScope, adapter: LocalAdapter, socket: FakeRecipient): void {
  scope.sockets.set(socket.id, socket);
  adapter.addAll(socket.id, new Set([socket.id]));
}

function targetOf(random: Random, ids: readonly string[]): Target {
  const names = [...ROOMS, ...ids];
  const rooms = new Set(
    Array.from({ length: pick(random, [0, 0, 1, 1, 2]) }, () => pick(random, names)),
  );
  const except = new Set(
    Array.from({ length: pick(random, [0, 0, 1, 2]) }, () => pick(random, names)),
  );
  const flags = pick(random, [{}, {}, { compress: false }, { volatile: true }, {
    broadcast: true,
  }]);
  return { rooms, except, flags };
}

for (const publishes of [false, true]) {
  describe(`LocalAdapter, ${publishes ? "publishing to topics" : "sending one by one"}`, () => {
    for (let seed = 1; seed <= 15; seed++) {
      it(`tells each socket what is meant for it, once and in order (seed ${seed})`, () => {
        const random = seeded(seed);
        const scope = new FakeScope(publishes);
        const adapter = new LocalAdapter(scope);
        const expected = new Map<FakeRecipient, unknown[]>();
        const rooms = new Map<string, Set<string>>();
        let next = 0;
        const enter = () => {
          const socket = new FakeRecipient(`s${next++}`, int(random, 5) === 0 ? OTHER : undefined);
          socket.subscribable = int(random, 4) > 0;
          join(scope, adapter, socket);
          rooms.set(socket.id, new Set([socket.id]));
          expected.set(socket, []);
        };
        for (let i = 0; i < 6; i++) enter();
        for (let step = 0; step < 400; step++) {
          const id = pick(random, [...scope.sockets.keys()]);
          const socket = scope.sockets.get(id)!;
          const room = pick(random, ROOMS);
          const action = int(random, 20);
          if (action === 0 && scope.sockets.size < 25) enter();
          else if (action === 1 && scope.sockets.size > 3) {
            adapter.delAll(id);
            scope.sockets.delete(id);
            rooms.delete(id);
            assert.deepEqual(socket.topics, new Set());
          } else if (action === 2) {
            socket.subscribable = !socket.subscribable;
            adapter.refresh(id);
          } else if (action < 6) {
            adapter.addAll(id, new Set([room]));
            rooms.get(id)?.add(room);
          } else if (action < 9) {
            adapter.del(id, room);
            rooms.get(id)?.delete(room);
          } else if (action < 11) {
            socket.heard.push(step);
            expected.get(socket)?.push(step);
          } else {
            const target = targetOf(random, [...scope.sockets.keys()]);
            adapter.broadcast(event(step), target);
            for (const [other, heard] of expected) {
              const own = rooms.get(other.id);
              const meant = own !== undefined &&
                (target.rooms.size === 0 || [...target.rooms].some((name) => own.has(name))) &&
                ![...target.except ?? []].some((name) => own.has(name));
              if (meant) heard.push(step);
            }
          }
        }
        for (const [socket, heard] of expected) assert.deepEqual(socket.heard, heard, socket.id);
        assert.equal(scope.published > 0, publishes);
      });
    }

    it("takes for a room what is no text as well, and not for another", () => {
      const scope = new FakeScope(publishes);
      const adapter = new LocalAdapter(scope);
      const sockets = Array.from({ length: 24 }, (_, i) => new FakeRecipient(`${i}`));
      const odd = [42, "42", undefined, null, "undefined", "null"] as string[];
      for (const [i, socket] of sockets.entries()) {
        join(scope, adapter, socket);
        adapter.addAll(socket.id, new Set([odd[i % odd.length]!]));
      }
      const heardBy = () =>
        sockets.flatMap((socket, i) => socket.heard.splice(0).length > 0 ? [i % odd.length] : []);
      for (const [i, room] of odd.entries()) {
        for (let round = 0; round < 2; round++) {
          adapter.broadcast(event(1), { rooms: new Set([room]) });
          assert.deepEqual(heardBy(), [i, i, i, i], String(room));
        }
        adapter.broadcast(event(1), { rooms: new Set(), except: new Set([room]) });
        assert.equal(heardBy().includes(i), false);
        assert.equal(adapter.socketRooms(`${i}`)?.has(room), true);
      }
      for (const socket of sockets) for (const room of odd) adapter.del(socket.id, room);
      assert.equal(adapter.rooms.size, sockets.length);
      adapter.broadcast(event(1), { rooms: new Set() });
      assert.equal(heardBy().length, sockets.length);
    });

    it("broadcastWithAck() hands over answers, and counts those who leave", () => {
      const scope = new FakeScope(publishes);
      const adapter = new LocalAdapter(scope);
      const sockets = ["a", "b", "c"].map((id) => new FakeRecipient(id));
      for (const socket of sockets) join(scope, adapter, socket);
      const counts: number[] = [];
      const answers: unknown[] = [];
      const stop = adapter.broadcastWithAck(
        event(1),
        { rooms: new Set(), except: new Set(["c"]) },
        (count) => counts.push(count),
        (answer) => answers.push(answer),
      );
      const [a, b, c] = sockets as [FakeRecipient, FakeRecipient, FakeRecipient];
      assert.deepEqual([a.heard, b.heard, c.heard], [[1], [1], []]);
      for (const { asked } of [a]) for (const { answer } of asked.values()) answer("yes");
      for (const { leave } of b.asked.values()) leave();
      assert.deepEqual([counts, answers], [[2, -1], [["yes"]]]);
      stop();
      assert.deepEqual([a.asked.size, b.asked.size], [0, 0]);
    });
  });
}

describe("LocalAdapter", () => {
  it("acts on the sockets of a target", async () => {
    const scope = new FakeScope(false);
    const adapter = new LocalAdapter(scope);
    const [a, b] = [new FakeRecipient("a"), new FakeRecipient("b")];
    join(scope, adapter, a);
    join(scope, adapter, b);
    const everyone = { rooms: new Set<string>() };
    adapter.addSockets(everyone, ["x", "y"]);
    adapter.delSockets({ rooms: new Set(["a"]) }, ["x"]);
    assert.deepEqual(adapter.socketRooms("a"), new Set(["a", "y"]));
    assert.deepEqual(await adapter.sockets(new Set(["x"])), new Set(["b"]));
    assert.deepEqual(await adapter.fetchSockets({ rooms: new Set(["y"]) }), [a, b]);
    adapter.disconnectSockets({ rooms: new Set(["y"]), except: new Set(["b"]) }, true);
    assert.deepEqual([a.disconnected, b.disconnected], [[true], []]);
    await adapter.serverCount().then((count) => assert.equal(count, 1));
    assert.equal(adapter.socketRooms("nobody"), undefined);
  });

  it("encodes an event once for each format in use", () => {
    const scope = new FakeScope(false);
    const adapter = new LocalAdapter(scope);
    const counts = new Map<string, number>();
    const counting = (name: string) => ({
      ...createJsonParser(),
      encode(packet: EventPacket) {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return createJsonParser().encode(packet);
      },
    });
    const [one, two, unused] = [counting("one"), counting("two"), counting("unused")];
    assert.notEqual(unused, one);
    for (let i = 0; i < 6; i++) {
      join(scope, adapter, new FakeRecipient(`s${i}`, (i % 2 ? one : two) as typeof OTHER));
    }
    adapter.broadcast(event(1), { rooms: new Set() });
    assert.deepEqual(counts, new Map([["two", 1], ["one", 1]]));
    assert.deepEqual([...scope.sockets.values()].map(({ heard }) => heard), Array(6).fill([1]));
  });
});
