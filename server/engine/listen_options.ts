import { setOptions } from "./check_options.ts";
import { engineRules } from "./options.ts";
import type { ListenOptions } from "./runtime.ts";

// What answers requests in the options of `Deno.serve` or `Bun.serve`: the engine would be passed by.
const ANSWERS = ["fetch", "handler", "routes", "websocket"];

/**
 * Where to listen.
 *
 * @param alsoKnown the names of options that belong to the layer above.
 * @throws {TypeError} if it is neither a port nor an object, or a server or router of Node, or if it
 * says what is to be served, or has options of ours.
 */
export function listenOptions(
  given: unknown,
  alsoKnown: readonly string[] = [],
): ListenOptions {
  const port = portFrom(given);
  if (typeof port === "number") return { port };
  if (typeof port === "function") {
    throw new TypeError(
      "You are trying to attach socket.io to an express request handler function. " +
        "Give that function to io.handler(next), and the result to Deno.serve or Bun.serve",
    );
  }
  if (isServer(port)) {
    throw new TypeError(
      "Cannot listen: this takes no HTTP server. Give io.handler(next) to Deno.serve or Bun.serve, " +
        "or call io.listen(port)",
    );
  }
  if (typeof port === "object" && port !== null) {
    return checked(port as ListenOptions, [...Object.keys(engineRules), ...alsoKnown]);
  }
  throw new TypeError(`Cannot listen: expected a port or an object with one, not ${String(port)}`);
}

function checked(options: ListenOptions, ours: readonly string[]): ListenOptions {
  if (options["host"] !== undefined) {
    throw new TypeError('Cannot listen: "host" is for Node.js; Deno and Bun call it "hostname"');
  }
  // On Deno the path of a Unix socket has the name of an option of ours.
  const option = ours.find((name) => name !== "path" && options[name] !== undefined);
  if (option !== undefined) {
    throw new TypeError(`Cannot listen: "${option}" is an option of the constructor`);
  }
  const answer = ANSWERS.find((name) => options[name] !== undefined);
  // Bun takes a member for set that is undefined.
  if (answer === undefined) return setOptions(options);
  throw new TypeError(
    `Cannot listen: "${answer}" does not belong there. Give the function that answers other requests ` +
      "to io.handler(next), and the result to listen(port, handler) as the second argument; " +
      "WebSocket handlers of your own go to io.handler(next, { websocket })",
  );
}

function isServer(given: unknown): boolean {
  const { listen, on } = Object(given) as { listen?: unknown; on?: unknown };
  return typeof listen === "function" || typeof on === "function";
}

/** Makes a number of a port that is a text, as plain JavaScript may have it from its environment. */
export function portFrom<Given>(given: Given): Given | number {
  return typeof given === "string" && /^\d+$/.test(given) ? Number(given) : given;
}
