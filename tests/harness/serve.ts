import type { Handler } from "../../server/engine/runtime.ts";

/** A server that runs, until it is closed. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Something that has a handler and can be closed: a `Server` or an `Engine`. */
export interface Closable {
  handler(): Handler;
  close(): unknown;
}

/** The name of the runtime on which the test runs. */
export const RUNTIME: "deno" | "bun" = "Deno" in globalThis ? "deno" : "bun";

/** Whether sockets have what Bun alone can do; `without_fast_roads.ts` takes it from them. */
export const FAST_ROADS: boolean = RUNTIME === "bun" && !("withoutFastRoads" in globalThis);

/** What can be served. */
type Servable = Handler | Closable;

/**
 * Serves a handler, or a `Server` or `Engine`, by the runtime's own server on a free port of
 * 127.0.0.1. What is closable is closed with it.
 */
export async function serve(servable: Servable): Promise<Served> {
  const isHandler = typeof servable === "function";
  const handler = isHandler ? servable : servable.handler();
  const { port, stop } = RUNTIME === "deno" ? await onDeno(handler) : onBun(handler);
  let closing: Promise<void> | undefined;
  const close = () =>
    closing ??= (async () => {
      if (!isHandler) await servable.close();
      await stop();
    })();
  return { port, url: `http://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

function onDeno(handler: Handler): Promise<Running> {
  return new Promise((resolve) => {
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: ({ port }) =>
        queueMicrotask(() => resolve({ port, stop: () => server.shutdown() })),
    }, handler);
  });
}

function onBun(handler: Handler): Running {
  const { Bun } = globalThis as unknown as {
    Bun: { serve(options: object): { port: number; stop(now: boolean): Promise<void> } };
  };
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, ...handler });
  return { port: server.port, stop: () => server.stop(true) };
}
