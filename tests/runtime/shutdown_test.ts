import { describe } from "../harness/mod.ts";
import { ROADS } from "../harness/official.ts";
import { CLIENTS, shutdown } from "../suite/shutdown.ts";

for (const [road, options] of Object.entries(ROADS)) {
  for (const [name, kind] of Object.entries(CLIENTS)) {
    describe(`a server that closes, ${name}, ${road}`, () => shutdown(kind, options));
  }
}
