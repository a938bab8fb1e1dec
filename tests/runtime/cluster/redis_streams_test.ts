import { describe } from "../../harness/mod.ts";
import { ALL_PACKAGES, PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { StreamsBroker } from "../../harness/streams_broker.ts";
import { clusterSuite } from "../../suite/cluster.ts";

const { url, SKIP } = await find("redis");

for (const name of PACKAGES) {
  describe(`servers with streams of Redis, by ${name}`, SKIP, () => {
    clusterSuite(() => StreamsBroker.open(name, url));
  });
}

for (const name of ALL_PACKAGES) {
  describe(`servers that clients may come back to, by ${name}`, SKIP, () => {
    clusterSuite(() => StreamsBroker.open(name, url, true));
  });
}
