import { inspect } from "node:util";
import { RoomIndex } from "../../../../server/adapter/rooms.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, type Random, seeded } from "../../parser/random.ts";

const IDS = ["a", "b", "c", "d", "e"];
const ROOMS = [...IDS, "x", "y", "z", "__proto__"];

/** The same with plain maps and sets: what the index must agree with. */
class Model {
  readonly sids = new Map<string, Set<string>>();

  add(id: string, room: string): void {
    this.sids.set(id, (this.sids.get(id) ?? new Set()).add(room));
  }

  members(room: string): string[] {
    return [...this.sids].filter(([, rooms]) => rooms.has(room)).map(([id]) => id);
  }

  get rooms(): string[] {
    return [...new Set([...this.sids.values()].flatMap((rooms) => [...rooms]))];
  }

  match(rooms: readonly string[], except: readonly string[]): string[] {
    return [...this.sids].filter(([, own]) =>
      (rooms.length === 0 || rooms.some((room) => own.has(room))) &&
      !except.some((room) => own.has(room))
    ).map(([id]) => id);
  }
}

function some(random: Random): string[] {
  return Array.from({ length: int(random, 4) }, () => pick(random, ROOMS));
}

function same(actual: Iterable<string>, expected: Iterable<string>, what: string): void {
  assert.deepEqual([...actual].sort(), [...expected].sort(), what);
}

describe("RoomIndex", () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`agrees with plain maps after any joins and leaves (seed ${seed})`, () => {
      const random = seeded(seed);
      const index = new RoomIndex();
      const model = new Model();
      for (let step = 0; step < 300; step++) {
        const [id, room] = [pick(random, IDS), pick(random, ROOMS)];
        const what = `step ${step}`;
        const was = model.sids.get(id)?.has(room) === true;
        const rooms = [...model.sids.get(id) ?? []];
        const action = int(random, 10);
        if (action < 5) {
          const created = model.members(room).length === 0;
          model.add(id, room);
          assert.equal(index.add(id, room), was ? undefined : created, what);
        } else if (action < 9) {
          model.sids.get(id)?.delete(room);
          const deleted = model.members(room).length === 0;
          assert.equal(index.delete(id, room), was ? deleted : undefined, what);
        } else {
          model.sids.delete(id);
          const left: string[] = [];
          index.deleteAll(id, (room, last) => left.push(`${room} ${last}`));
          same(left, rooms.map((room) => `${room} ${model.members(room).length === 0}`), what);
        }
        same(index.sids.keys(), model.sids.keys(), what);
        same(index.rooms.keys(), model.rooms, what);
        assert.equal(index.sids.size, model.sids.size, what);
        assert.equal(index.rooms.size, model.rooms.length, what);
        for (const room of ROOMS) {
          const members = model.members(room);
          same(index.rooms.get(room) ?? [], members, what);
          same(index.members(room) ?? [], members, what);
          assert.equal(index.rooms.has(room), members.length > 0, what);
          assert.equal(index.count(room), members.length, what);
        }
        for (const id of IDS) {
          const own = model.sids.get(id);
          assert.equal(index.sids.has(id), own !== undefined, what);
          assert.equal(index.knows(id), own !== undefined, what);
          same(index.roomsOf(id) ?? [], own ?? [], what);
          for (const room of ROOMS) {
            assert.equal(index.isIn(id, room), own?.has(room) === true, what);
          }
        }
        const [rooms2, except] = [some(random), some(random)];
        const target = { rooms: new Set(rooms2), except: new Set(except) };
        same(index.match(target), model.match(rooms2, except), what);
        assert.equal(index.reaches(target), model.match(rooms2, except).length > 0, what);
        same(
          index.excluded(target),
          new Set(except.flatMap((room) => model.members(room))),
          what,
        );
      }
    });
  }

  it("rooms and sids can be read like maps", () => {
    const index = new RoomIndex();
    index.add("a", "a");
    index.add("a", "x");
    index.add("b", "b");
    assert.deepEqual(
      new Map(index.rooms),
      new Map([
        ["x", new Set(["a"])],
        ["a", new Set(["a"])],
        ["b", new Set(["b"])],
      ]),
    );
    assert.deepEqual(
      new Map(index.sids),
      new Map([["a", new Set(["a", "x"])], ["b", new Set("b")]]),
    );
    const seen: string[] = [];
    index.rooms.forEach((members, room, map) => {
      assert.equal(map, index.rooms);
      seen.push(`${room}: ${[...members]}`);
    });
    assert.deepEqual(seen.sort(), ["a: a", "b: b", "x: a"]);
    assert.deepEqual([...index.sids.values()].map((rooms) => rooms.size), [2, 1]);
  });

  it("is shown by consoles as the maps that it is", () => {
    const index = new RoomIndex();
    for (const room of ["a", "room"]) index.add("a", room);
    for (const room of ["b", "room"]) index.add("b", room);
    const [room, a, b] = [new Set(["a", "b"]), new Set(["a"]), new Set(["b"])];
    assert.equal(inspect(index.rooms), inspect(new Map([["room", room], ["a", a], ["b", b]])));
    assert.equal(inspect(index.sids).includes("room"), true);
  });
});
