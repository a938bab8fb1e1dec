import { websocketSuite } from "./engine_websocket.ts";

websocketSuite();
