import { Engine, type EngineOptions, type Session } from "../../server/engine/mod.ts";
import { once } from "../harness/once.ts";
import { serve } from "../harness/serve.ts";

/** An engine that runs and returns each message to its sender. */
export interface EchoServer extends AsyncDisposable {
  readonly engine: Engine;
  readonly url: string;
  /** Every `close` of a session: reason and description. */
  readonly ends: string[];
  /** The next session. */
  session(): Promise<Session>;
}

/** Starts an engine at `/socket.io` on the runtime that runs the test. */
export async function startEcho(options: EngineOptions = {}): Promise<EchoServer> {
  const engine = new Engine({ path: "/socket.io", ...options });
  const ends: string[] = [];
  engine.on("connection", (session) => {
    session.on("message", (data) => session.send(data));
    session.on("close", (reason, details) => {
      ends.push(details === undefined ? reason : `${reason}: ${details.description}`);
    });
  });
  const served = await serve(engine);
  return {
    engine,
    url: served.url,
    ends,
    session: async () => (await once<[Session]>(engine, "connection"))[0],
    [Symbol.asyncDispose]: () => served.close(),
  };
}
