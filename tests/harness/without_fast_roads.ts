/**
 * Preloaded by `bun test`, takes from our sockets what Bun alone can do, `cork` and topics, so that
 * the whole suite runs a second time on the roads that are there for every runtime.
 */
declare const Bun: { serve(options: ServeOptions): unknown };

interface ServeOptions {
  readonly websocket?: { open?(socket: { readonly data: unknown }): void };
}

const FAST = ["cork", "subscribe", "unsubscribe", "publish"];

const { serve } = Bun;
Bun.serve = (options) => {
  const { websocket } = options;
  if (websocket === undefined) return serve.call(Bun, options);
  const open = (socket: { readonly data: unknown }) => {
    takeFrom(socket.data);
    websocket.open?.(socket);
  };
  return serve.call(Bun, { ...options, websocket: { ...websocket, open } });
};

/** From the class, and so from all sockets that are to come as well. */
function takeFrom(socket: unknown): void {
  if (socket?.constructor.name !== "BunSocket") return;
  const prototype = Object.getPrototypeOf(socket);
  for (const method of FAST) delete prototype[method];
}

Object.assign(globalThis, { withoutFastRoads: true });
