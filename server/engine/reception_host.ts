import type { Addresses } from "./addresses.ts";
import type { Runtime } from "./runtime.ts";
import type { Session } from "./session.ts";
import type { SessionFactory } from "./session_factory.ts";
import type { Asked } from "./url_reader.ts";

/** Serves a file by its name, if there is one. */
export type FileServer = (
  request: Request,
  name: string,
) => Promise<Response | undefined>;

/** What the reception asks of the engine. */
export interface ReceptionHost {
  /** The live sessions by id. */
  readonly sessions: ReadonlyMap<string, Session>;
  /** How many of them there are from each address. */
  readonly addresses: Pick<Addresses, "isFull">;
  /** Who makes new ones. */
  readonly factory: SessionFactory;
  /** Whether the engine takes no more requests. */
  readonly closed: boolean;
  /** What a URL asks; `undefined` if it is not for this engine. */
  asked(url: string): Asked | undefined;
  /** Serves what is not Engine.IO. */
  readonly files: FileServer | undefined;
  /** Whether an event has listeners. */
  hasListeners(event: "headers" | "initial_headers" | "connection_error"): boolean;
  /** Tells the listeners of an event. */
  dispatch(event: string, args: readonly unknown[]): boolean;
  /** A WebSocket is about to open on this server. */
  uses(runtime: Runtime): void;
}
