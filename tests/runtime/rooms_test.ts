import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { rooms } from "../suite/rooms.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`rooms, ${road}`, () => rooms(start, options));
}
