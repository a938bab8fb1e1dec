import { describe } from "../harness/mod.ts";
import { start } from "../harness/started.ts";
import { legacy } from "../suite/legacy.ts";

const ROADS = {
  "polling only": { transports: ["polling"], upgrade: false },
  "polling in base64": { transports: ["polling"], upgrade: false, forceBase64: true },
  "websocket only": { transports: ["websocket"] },
  "polling, then an upgrade": { transports: ["polling", "websocket"] },
};

for (const [road, options] of Object.entries(ROADS)) {
  describe(`clients of protocol 3, ${road}`, () => legacy(start, options));
}
