import { RelayNetwork } from "../../harness/relay_network.ts";
import { describe } from "../../harness/mod.ts";
import { relaySuite } from "../../suite/relay.ts";

describe("servers with ways in memory", () => relaySuite(() => new RelayNetwork()));
