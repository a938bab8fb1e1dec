import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { hostileFormats } from "../suite/hostile_formats.ts";

describe("hostile input, formats side by side", () => hostileFormats(start));
