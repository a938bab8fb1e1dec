import { Server } from "../../mod.ts";
import { OPTIONS, setUp } from "./client_fixture.mjs";
import type { StartPeer } from "./client_peers.ts";
import { serve } from "./serve.ts";

/** Starts our server on the runtime of the test. */
export const startSockeye: StartPeer = async (port) => {
  const server = new Server(OPTIONS as ConstructorParameters<typeof Server>[0]);
  setUp(server);
  if (port === undefined) return await serve(server);
  await server.listen({ port, hostname: "127.0.0.1" });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: () => server.close(),
  };
};
