import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { hostileFrames } from "../suite/hostile_frames.ts";

describe("hostile frames", () => hostileFrames(start));
