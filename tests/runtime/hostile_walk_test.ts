import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { hostileWalk } from "../suite/hostile_walk.ts";

describe("broadcasts, by a model", () => hostileWalk(start));
