import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { middleware } from "../suite/middleware.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`middleware, ${road}`, () => middleware(start, options));
}
