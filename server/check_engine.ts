/**
 * Checks that a server is bound to an engine whose connections it can take over.
 *
 * @throws {TypeError} if it is something else, such as an engine of npm.
 */
export function checkEngine(engine: unknown): void {
  // Every engine of npm has it, and ours has not.
  const { on, handleRequest } = Object(engine) as { on?: unknown; handleRequest?: unknown };
  if (typeof on === "function" && typeof handleRequest !== "function") return;
  throw new TypeError(
    "Cannot bind: this is no engine of @sockeye/io/engine. The server has one of its own: " +
      "give io.handler(next) to Deno.serve or Bun.serve; see docs/migrating.md",
  );
}
