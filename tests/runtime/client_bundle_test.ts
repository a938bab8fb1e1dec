import { bundle, CLIENT, MINIFIED, stop } from "../../scripts/bundle.ts";
import { startOfficial } from "../harness/client_peers.ts";
import type { ClientModule } from "../harness/client_peers.ts";
import { clientConnectionSuite } from "../suite/client_connection.ts";
import { clientEventsSuite } from "../suite/client_events.ts";

// A member that has lost its name in the small files must not be one that somebody else calls.
const { text } = await bundle(CLIENT, { ...MINIFIED, sourcemap: false, charset: "ascii" });
await stop();
const client: ClientModule = await import(`data:text/javascript;base64,${btoa(text)}`);

clientConnectionSuite("npm socket.io and the small file", startOfficial, client);
clientEventsSuite("npm socket.io and the small file", startOfficial, client);
