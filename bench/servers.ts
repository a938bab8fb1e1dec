/** Who is measured. */

/** One server, as a command that listens on `127.0.0.1:$PORT` and then prints `ready`. */
export interface ServerUnderTest {
  /** Its name on the command line. */
  readonly name: string;
  /** What it is, in words. */
  readonly about: string;
  /** The runtime that it needs. */
  readonly runtime: "bun" | "deno" | "node";
  /** The program, in the folder `servers`. */
  readonly program: string;
}

/** All servers, in the order in which they take turns. */
export const SERVERS: readonly ServerUnderTest[] = [
  {
    name: "sockeye-bun",
    about: "Sockeye on Bun",
    runtime: "bun",
    program: "sockeye.ts",
  },
  {
    name: "bare-bun",
    about: "the bare protocol on Bun",
    runtime: "bun",
    program: "bare_bun.ts",
  },
  {
    name: "bun-engine",
    about: "npm socket.io on Bun (bun-engine)",
    runtime: "bun",
    program: "bun_engine.mjs",
  },
  {
    name: "sockeye-deno",
    about: "Sockeye on Deno",
    runtime: "deno",
    program: "sockeye.ts",
  },
  {
    name: "bare-deno",
    about: "the bare protocol on Deno",
    runtime: "deno",
    program: "bare_deno.ts",
  },
  {
    name: "socketio-node",
    about: "npm socket.io on Node",
    runtime: "node",
    program: "socketio.mjs",
  },
];

/** The arguments that a runtime takes before the program. */
export const ARGUMENTS: Readonly<Record<ServerUnderTest["runtime"], readonly string[]>> = {
  bun: [],
  deno: ["run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  node: ["--expose-gc"],
};
