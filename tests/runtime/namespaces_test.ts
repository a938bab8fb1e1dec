import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { start } from "../harness/started.ts";
import { namespaces } from "../suite/namespaces.ts";

for (const [road, options] of Object.entries(ROADS)) {
  describe(`namespaces, ${road}`, () => namespaces(start, options));
}
