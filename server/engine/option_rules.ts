import { checkOptions, duration, oneOf, type OptionRule } from "./check_options.ts";
import { MAX_DELAY } from "./deadlines.ts";

/** An option in milliseconds that clients are told, and have timers for no more. */
export const delay: OptionRule = (value, name) => {
  duration(value, name);
  if ((value as number) > MAX_DELAY) {
    throw new RangeError(`Option "${name}" must be at most ${MAX_DELAY}: ${value}`);
  }
};

const TRANSPORTS: readonly unknown[] = ["polling", "websocket", "webtransport"];

/** An option that is a list of transports. */
export const transports: OptionRule = (value, name) => {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`Option "${name}" must be a list of transports`);
  }
  for (const item of value) {
    if (!TRANSPORTS.includes(item)) {
      throw new RangeError(`Option "${name}": there is no transport ${JSON.stringify(item)}`);
    }
  }
};

/** An option that is a way to other servers. */
export const relay: OptionRule = (value, name) => {
  const { open, send, close } = value as Readonly<Record<string, unknown>>;
  if ([open, send, close].every((method) => typeof method === "function")) return;
  throw new TypeError(`Option "${name}" must be what createRelay() of an entry ./relay returns`);
};

/** An option that says what is compressed. */
export const compression: OptionRule = (value, name) => {
  oneOf("boolean", "object")(value, name);
  if (typeof value === "object") {
    checkOptions(value, { threshold: (size) => duration(size, `${name}.threshold`) });
  }
};
