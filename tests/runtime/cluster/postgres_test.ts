import { describe } from "../../harness/mod.ts";
import { CLIENTS, PostgresBroker } from "../../harness/postgres.ts";
import { find } from "../../harness/services.ts";
import { clusterSuite } from "../../suite/cluster.ts";

const { url, SKIP } = await find("postgres");

for (const [name, create] of Object.entries(CLIENTS)) {
  describe(`servers that share PostgreSQL by ${name}`, SKIP, () => {
    clusterSuite(() => PostgresBroker.open(url, create));
  });
}
