import { Server } from "../../mod.ts";
import type { ServerOptions } from "../../server/options.ts";
import { OfficialClients } from "./official.ts";
import { serve } from "./serve.ts";

/** An error of a listener, as the option `reportError` tells of it. */
export interface Reported {
  readonly error: unknown;
  readonly event: string;
  readonly namespace: string | undefined;
  readonly socket: string | undefined;
}

/** A server that runs with clients of its own; all of it ends with the test. */
export interface Started extends AsyncDisposable {
  readonly io: Server;
  /** Without a slash at its end. */
  readonly url: string;
  readonly clients: OfficialClients;
  /** What listeners threw. A test that expects something takes it out; anything else fails it. */
  readonly reported: Reported[];
}

/** Starts a server, on whichever runtime the test runs. */
export async function start(
  options: ServerOptions = {},
  setUp: (io: Server) => void = () => {},
): Promise<Started> {
  const reported: Reported[] = [];
  const io = new Server({
    reportError: (error, { event, namespace, socket }) =>
      reported.push({ error, event, namespace, socket }),
    ...options,
  });
  setUp(io);
  const served = await serve(io);
  const clients = new OfficialClients(served.url);
  return {
    io,
    url: served.url,
    clients,
    reported,
    async [Symbol.asyncDispose]() {
      await clients[Symbol.asyncDispose]();
      await served.close();
      const [unexpected] = reported;
      if (unexpected !== undefined) {
        throw new Error(`A listener of "${unexpected.event}" threw`, { cause: unexpected.error });
      }
    },
  };
}
