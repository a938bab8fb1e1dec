import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { sockets } from "../suite/sockets.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`sockets, ${road}`, () => sockets(start, options));
}
