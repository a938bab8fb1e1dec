/** What every Socket.IO server of the benchmark does, whoever made it. */

/** The part of a Socket.IO server that is used here. */
export interface BenchServer {
  on(event: "connection", listener: (socket: BenchSocket) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
}

/** The part of a server's socket that is used here. */
export interface BenchSocket {
  readonly handshake: { readonly query: unknown };
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (...args: any[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  join(room: string): unknown;
  to(room: string): { emit(event: string, ...args: unknown[]): unknown };
}

/** The filler of a broadcast, after its sequence number. */
export const NEWS = "n".repeat(64);

/** Installs the handlers on a server. */
export function register(io: BenchServer): void {
  let seq = 0;
  io.on("connection", (socket) => {
    const room = roomOf(socket.handshake.query);
    socket.join(room);
    socket.on("echo", (value: unknown) => socket.emit("echo", value));
    socket.on("ack", (value: unknown, answer: (value: unknown) => void) => answer(value));
    socket.on("bin", (bytes: Uint8Array) => socket.emit("bin", bytes));
    socket.on("pub", (count: number) => {
      for (let i = 0; i < count; i++) io.emit("news", seq++, NEWS);
    });
    socket.on("say", (value: unknown) => socket.to(room).emit("said", value));
  });
}

function roomOf(query: unknown): string {
  if (query instanceof URLSearchParams) return query.get("room") ?? "r";
  return (query as Record<string, string | undefined>)["room"] ?? "r";
}
