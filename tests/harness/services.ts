import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A broker that tests use: one that runs, or one that is started for them and ends with them. */
interface Service {
  readonly port: number;
  readonly scheme: string;
  readonly variable: string;
  /** How to start one on a port with a folder of its own; none where that takes more. */
  readonly start?: (port: number, folder: string) => [command: string, ...args: string[]];
}

type Name = "redis" | "postgres" | "nats";

const SERVICES: Readonly<Record<Name, Service>> = {
  redis: {
    port: 6379,
    scheme: "redis",
    variable: "REDIS_URL",
    start: (port, folder) => [
      "redis-server",
      ...["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder],
    ],
  },
  postgres: { port: 5432, scheme: "postgres", variable: "POSTGRES_URL" },
  nats: {
    port: 4222,
    scheme: "nats",
    variable: "NATS_URL",
    start: (port) => ["nats-server", "-a", "127.0.0.1", "-p", `${port}`],
  },
};

/** Where a broker is for tests, or why there is none. */
export interface Found {
  /** Such as `redis://127.0.0.1:6379`. */
  readonly url: string;
  /** The `skip` option of a test that needs it: the reason, if there is none. In CI it fails. */
  readonly SKIP: { readonly skip?: string };
}

/**
 * Finds a broker: by the variable `REDIS_URL`, `POSTGRES_URL` or `NATS_URL`, at its usual port, or by
 * starting one.
 *
 * @example
 * ```ts
 * const { url, SKIP } = await find("redis");
 * describe("an adapter", SKIP, () => {});
 * ```
 */
export async function find(name: Name): Promise<Found> {
  const { port, scheme, variable, start } = SERVICES[name];
  const given = process.env[variable];
  if (given !== undefined && given !== "") return { url: given, SKIP: {} };
  const path = name === "postgres" ? "/test" : "";
  const login = name === "postgres" ? "root@" : "";
  const at = (port: number) => ({ url: `${scheme}://${login}127.0.0.1:${port}${path}`, SKIP: {} });
  if (await listens(port)) return at(port);
  const own = start === undefined ? undefined : await launch(start);
  if (own !== undefined) return at(own);
  const skip = `no ${name} found: start it, or set ${variable}`;
  if (process.env["CI"] === "true") return at(port);
  console.log(`Skipped: ${skip}`);
  return { url: "", SKIP: { skip } };
}

async function launch(start: NonNullable<Service["start"]>): Promise<number | undefined> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "sockeye-broker-"));
  // Its input ends with this process, however that ends.
  const watch = 'if command -v "$1"; then "$@" & cat; kill $!; wait; fi; rm -rf "$PWD"';
  const child = spawn("sh", ["-c", watch, "sh", ...start(port, folder)], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: folder,
  });
  let ended = false;
  child.on("error", () => ended = true);
  child.on("exit", () => ended = true);
  child.unref();
  (child.stdin as unknown as { unref?(): void }).unref?.();
  while (!ended) {
    if (await listens(port)) return port;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === "object" && address !== null ? address.port : 0)
      );
    });
  });
}
