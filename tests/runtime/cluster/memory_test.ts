import { MemoryBroker } from "../../harness/memory_broker.ts";
import { describe } from "../../harness/mod.ts";
import { clusterSuite } from "../../suite/cluster.ts";

describe("servers that count themselves", () => clusterSuite(() => new MemoryBroker(false)));

describe("servers that their broker counts", () => clusterSuite(() => new MemoryBroker(true)));
