import { optionsSuite } from "./engine_options.ts";

optionsSuite();
