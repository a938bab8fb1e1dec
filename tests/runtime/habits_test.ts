import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { habits } from "../suite/habits.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`habits of programs for npm socket.io, ${road}`, () => habits(start, options));
}
