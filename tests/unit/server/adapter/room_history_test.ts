import { RoomHistory } from "../../../../server/adapter/room_history.ts";
import { assert, describe, it } from "../../../harness/mod.ts";
import { int, pick, seeded } from "../../parser/random.ts";

const ROOMS = ["a", "b", "c"];

describe("RoomHistory", () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`knows for each packet which rooms the socket was in (seed ${seed})`, () => {
      const random = seeded(seed);
      const history = new RoomHistory("id", 0);
      const now = new Set<string>();
      const then: Set<string>[] = [now];
      let oldest = 1;
      for (let step = 0; step < 2000; step++) {
        const room = pick(random, ROOMS);
        const last = then.length - 1;
        switch (int(random, 4)) {
          case 0:
            now.add(room);
            history.join(room, last);
            break;
          case 1:
            now.delete(room);
            history.leave(room, last, oldest);
            break;
          default:
            then.push(new Set(now));
        }
        if (then.length - oldest > 100) oldest++;
        assert.deepEqual(history.rooms.sort(), [...now].sort());
        const packet = oldest + int(random, then.length - oldest);
        if (packet === then.length) continue;
        for (const room of ROOMS) {
          assert.equal(history.wasIn(room, packet), then[packet]?.has(room), `${room} ${packet}`);
        }
      }
    });
  }

  it("keeps nothing of stays in which nothing was sent", () => {
    const history = new RoomHistory("id", 0);
    const { bytes } = history;
    for (let i = 0; i < 1000; i++) {
      history.join(`room ${i}`, 7);
      history.leave(`room ${i}`, 7, 1);
    }
    assert.equal(history.bytes, bytes);
  });

  it("weighs a room that is no text", () => {
    const history = new RoomHistory("id", 0);
    const { bytes } = history;
    history.join(42 as unknown as string, 1);
    assert.ok(history.bytes > bytes, `${history.bytes}`);
  });

  it("forgets what nobody can ask for any more", () => {
    const history = new RoomHistory("id", 0);
    for (let packet = 1; packet < 10_000; packet++) {
      history.join("room", packet);
      history.leave("room", packet + 1, packet);
    }
    assert.ok(history.bytes < 20_000, `${history.bytes}`);
  });
});
