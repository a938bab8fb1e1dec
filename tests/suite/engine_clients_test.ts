import { clientsSuite } from "./engine_clients.ts";

clientsSuite();
