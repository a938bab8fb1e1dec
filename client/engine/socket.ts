import { Engine } from "./engine.ts";
import type { EngineOptions } from "./options.ts";
import { leanOptions } from "./transports.ts";

/** The version of the Engine.IO protocol. */
export const protocol = 4;

/** An {@linkcode Engine} that knows all transports, so that options may name them. */
export class Socket extends Engine {
  /** Connects to the address, or to what the options say where there is none. */
  constructor(uri?: string | EngineOptions, options?: EngineOptions) {
    const given = uri && typeof uri === "object" ? uri : options;
    super(typeof uri === "string" ? uri : undefined, leanOptions(given ?? {}));
  }
}
