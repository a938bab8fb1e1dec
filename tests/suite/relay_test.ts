import { describe } from "../harness/mod.ts";
import { relayedSuite } from "./engine_server.ts";
import { pollingSuite } from "./engine_polling.ts";
import { upgradeSuite } from "./engine_upgrade.ts";

describe("by way of another server", () => {
  relayedSuite(() => {
    pollingSuite(true);
    upgradeSuite();
  });
});
