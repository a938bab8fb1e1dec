import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { acks } from "../suite/acks.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`acks, ${road}`, () => acks(start, options));
}
