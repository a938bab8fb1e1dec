import pg from "pg";
import postgres from "postgres";
import { Emitter as PostgresEmitter, type PostgresClient } from "../../../emitter/postgres/mod.ts";
import { type BrokerEmitter, Emitter as RedisEmitter } from "../../../emitter/redis/mod.ts";
import { describe } from "../../harness/mod.ts";
import { Process } from "../../harness/process.ts";
import { openClient, PACKAGES } from "../../harness/redis_clients.ts";
import { find } from "../../harness/services.ts";
import { emitterSuite, type Stage } from "../../suite/emitter.ts";

const redis = await find("redis");
const database = await find("postgres");

interface BunRuntime {
  readonly SQL: new (url: string) => PostgresClient & { close(): Promise<void> };
}

interface Sql {
  readonly client: PostgresClient;
  end(): Promise<unknown>;
}

const BUN = (globalThis as unknown as { readonly Bun?: BunRuntime }).Bun;

const SQL: Readonly<Record<string, (url: string) => Sql>> = {
  pg: (connectionString) => {
    const client = new pg.Pool({ connectionString, max: 4 });
    return { client, end: () => client.end() };
  },
  postgres: (url) => {
    const client = postgres(url, { max: 4 });
    return { client, end: () => client.end() };
  },
  ...(BUN === undefined ? {} : {
    "Bun.sql": (url: string) => {
      const client = new BUN.SQL(url);
      return { client, end: () => client.close() };
    },
  }),
};

/** A name that no other test uses. */
function ownName(): string {
  return `test_${crypto.getRandomValues(new Uint8Array(6)).toHex()}`;
}

/** An npm server, and an emitter for it. */
async function npmStage(
  broker: "redis" | "postgres",
  url: string,
  name: string,
  emitter: BrokerEmitter,
  stack: AsyncDisposableStack,
): Promise<Stage> {
  const script = "tests/harness/npm_emitter_target.mjs";
  const server = stack.use(new Process("node", [script, broker, url, name]));
  const [, port] = await server.printed(/port (\d+)/);
  return {
    url: `http://127.0.0.1:${port}`,
    emitter,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

for (const name of PACKAGES) {
  describe(`an emitter with ${name}, for npm servers`, redis.SKIP, () =>
    emitterSuite(async () => {
      const stack = new AsyncDisposableStack();
      const key = ownName();
      const { client, close } = await openClient(name, redis.url);
      stack.defer(close);
      const emitter = new RedisEmitter(client, { key, plainText: false });
      return npmStage("redis", redis.url, key, emitter, stack);
      // That adapter of npm reads what is in the table while it takes what comes behind.
    }, true));
}

for (const [name, connect] of Object.entries(SQL)) {
  describe(
    `an emitter with ${name}, for npm servers`,
    database.SKIP,
    () =>
      emitterSuite(async () => {
        const stack = new AsyncDisposableStack();
        const table = ownName();
        const pool = new pg.Pool({ connectionString: database.url, max: 1 });
        stack.defer(() => pool.end());
        await pool.query(
          `CREATE TABLE ${table} ` +
            "(id bigserial UNIQUE, created_at timestamptz DEFAULT NOW(), payload bytea)",
        );
        stack.defer(() => pool.query(`DROP TABLE ${table}`).then(() => {}));
        const { client, end } = connect(database.url);
        const emitter = new PostgresEmitter(client, { channelPrefix: table, tableName: table });
        stack.defer(async () => {
          await emitter.flush();
          await end();
        });
        return npmStage("postgres", database.url, table, emitter, stack);
      }),
  );
}
