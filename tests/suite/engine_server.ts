import { Engine, type EngineOptions, type Session } from "../../server/engine/mod.ts";
import { after, before } from "../harness/mod.ts";
import { once } from "../harness/once.ts";
import { behindFront, RelayNetwork } from "../harness/relay_network.ts";
import { serve } from "../harness/serve.ts";

/** An engine that runs and returns each message to its sender. */
export interface EchoServer extends AsyncDisposable {
  readonly engine: Engine;
  /** This, and the one before it if there is one. */
  readonly engines: readonly Engine[];
  readonly url: string;
  /** Every `close` of a session: reason and description. */
  readonly ends: string[];
  /** The next session. */
  session(): Promise<Session>;
}

let relayed = false;

/** Has the engines of a suite be reached by way of another server. */
export function relayedSuite(suite: () => void): void {
  before(() => void (relayed = true));
  after(() => void (relayed = false));
  suite();
}

/** Starts an engine at `/socket.io` on the runtime that runs the test. */
export async function startEcho(options: EngineOptions = {}): Promise<EchoServer> {
  const network = relayed ? new RelayNetwork() : undefined;
  const relay = network?.bus();
  const engine = new Engine({ path: "/socket.io", ...options, ...relay && { relay } });
  const ends: string[] = [];
  engine.on("connection", (session) => {
    session.on("message", (data) => session.send(data));
    session.on("close", (reason, details) => {
      ends.push(details === undefined ? reason : `${reason}: ${details.description}`);
    });
  });
  const front = network && behindFront(engine, network, options);
  const served = await serve(front ?? engine);
  return {
    engine,
    engines: front === undefined ? [engine] : [engine, front.front],
    url: served.url,
    ends,
    session: async () => (await once<[Session]>(engine, "connection"))[0],
    [Symbol.asyncDispose]: () => served.close(),
  };
}
