import { startSockeye } from "../harness/sockeye_peer.ts";
import { clientConnectionSuite } from "../suite/client_connection.ts";
import { clientEventsSuite } from "../suite/client_events.ts";

clientConnectionSuite("our server", startSockeye);
clientEventsSuite("our server", startSockeye);
