import { describe } from "../harness/mod.ts";
import { hostileClose } from "../suite/hostile_close.ts";

describe("closing among hostile clients", hostileClose);
