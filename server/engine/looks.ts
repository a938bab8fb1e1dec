import { inspectable } from "../../events/mod.ts";

// What `console.log` shows of each class. Never the id of a session, which is a secret.

interface ShownEngine {
  readonly path: string;
  readonly clientsCount: number;
  readonly opts: { readonly transports: readonly string[] };
}

interface ShownSession {
  readonly protocol: number;
  readonly transport: { readonly name: string };
  readonly readyState: string;
  readonly remoteAddress: string;
}

/** Shows what an engine serves, and to how many. */
export function showEngine(type: { readonly prototype: object }): void {
  inspectable(type, ({ path, clientsCount, opts }: ShownEngine) => {
    return { path, clientsCount, transports: opts.transports };
  });
}

/** Shows what carries a session. */
export function showSession(type: { readonly prototype: object }): void {
  inspectable(type, (session: ShownSession) => {
    const { protocol, transport, readyState, remoteAddress } = session;
    return { protocol, transport: transport.name, readyState, remoteAddress };
  });
}
