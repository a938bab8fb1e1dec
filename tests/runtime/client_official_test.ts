import { startOfficial } from "../harness/client_peers.ts";
import { clientConnectionSuite } from "../suite/client_connection.ts";
import { clientEventsSuite } from "../suite/client_events.ts";

clientConnectionSuite("npm socket.io on Node", startOfficial);
clientEventsSuite("npm socket.io on Node", startOfficial);
