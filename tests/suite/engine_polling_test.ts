import { pollingSuite } from "./engine_polling.ts";

pollingSuite();
