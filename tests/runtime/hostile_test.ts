import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { hostile } from "../suite/hostile.ts";
import { PEERS } from "../suite/recovery.ts";

for (const [name, open] of Object.entries(PEERS)) {
  describe(`hostile input, ${name}`, () => hostile(start, open));
}
