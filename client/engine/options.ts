import type { Credentials } from "../../events/mod.ts";
import type { Timers } from "./timers.ts";
import type { TransportClass, TransportSettings } from "./transport.ts";

/** In which form binary data is handed to the program. */
export type BinaryType = "uint8array" | "arraybuffer";

/** The options of a connection over one transport. */
export interface LeanEngineOptions extends Omit<TransportSettings, "forceBase64"> {
  /** The class of the transport; any further ones are not used. */
  transports: readonly TransportClass[];
  /** The host, where no address is given. */
  hostname?: string;
  /** The same as `hostname`. */
  host?: string;
  /** Whether to encrypt, where no address is given. */
  secure?: boolean;
  /** The port, where the address has none; it comes before that of the page. */
  port?: string | number;
  /** The path on the server. Default: `/engine.io`, and `/socket.io` under a `Manager`. */
  path?: string;
  /** Whether the path gets a slash at its end. Default: `true`. */
  addTrailingSlash?: boolean;
  /** Parameters of each request, where the address has none. What is no text becomes one. */
  query?: Credentials;
  /**
   * Whether a page that is being left closes the connection at once, without telling the program.
   * Default: `false`.
   */
  closeOnBeforeunload?: boolean;
  /** The timers to use. Default: whatever is global at each call. */
  timers?: Timers;
  /** How binary data arrives. Default: `uint8array`. */
  binaryType?: BinaryType;
}

/** The options of an Engine.IO connection. */
export interface EngineOptions extends Omit<LeanEngineOptions, "transports">, TransportSettings {
  /**
   * The transports that may be used, as names or classes, the first one first.
   * Default: `["polling", "websocket", "webtransport"]`.
   */
  transports?: readonly (string | TransportClass)[];
  /** Whether to move on to a better transport. Default: `true`. */
  upgrade?: boolean;
  /** Whether to start with WebSocket if it worked the last time. Default: `false`. */
  rememberUpgrade?: boolean;
  /** Whether to try the next transport where the first one does not connect. Default: `false`. */
  tryAllTransports?: boolean;
  /** Settings for one transport, by its name; with a host of its own, or further parameters. */
  transportOptions?: Readonly<
    Record<string, TransportSettings & Pick<LeanEngineOptions, "hostname" | "query">>
  >;
  /** Whether fake timers that a test sets up are passed by. Default: `false`. */
  useNativeTimers?: boolean;
}

const UNSUPPORTED =
  "agent pfx key passphrase cert ca ciphers localAddress perMessageDeflate autoUnref".split(" ");

/**
 * Refuses the options of the reference implementation that only Node.js can fulfil.
 *
 * @throws {TypeError} if there is one.
 */
export function refuseUnsupported(options: object): void {
  const given = options as Record<string, unknown>;
  const name = UNSUPPORTED.find((name) => given[name]) ??
    (given["rejectUnauthorized"] === false && "rejectUnauthorized");
  if (!name) return;
  throw new TypeError(
    `Cannot use option "${name}": see transportOptions.websocket/polling.platform, docs/client.md`,
  );
}
