import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { hostileEntrance } from "../suite/hostile_entrance.ts";
import { PEERS } from "../suite/recovery.ts";

for (const [name, open] of Object.entries(PEERS)) {
  describe(`hostile entrance, ${name}`, () => hostileEntrance(start, open));
}
