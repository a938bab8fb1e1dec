import type { OfficialSocket } from "./official.ts";
import { once, until } from "./once.ts";
import type { StreamsBroker } from "./streams_broker.ts";

/** The parts of the official client that it keeps to itself. */
interface Insides {
  _pid: string | undefined;
  _lastOffset: string | undefined;
  readonly io: { uri: string; readonly engine: { close(): void } };
}

/** What a client of npm knows of its session. */
export function insides(client: OfficialSocket): Insides {
  return client as unknown as Insides;
}

/** Breaks the connection of a client, and waits until its session is kept. */
export async function lose(client: OfficialSocket, broker: StreamsBroker): Promise<void> {
  const gone = once(client, "disconnect");
  insides(client).io.engine.close();
  await gone;
  const key = broker.sessionKey(insides(client)._pid!);
  let kept: unknown = 0;
  await until(() => {
    broker.redis.command(key, ["EXISTS", key]).then((count) => kept = count);
    return kept === 1;
  }, "the session");
}

/** Connects a client to another server. */
export async function comeBack(client: OfficialSocket, url: string): Promise<void> {
  insides(client).io.uri = url;
  const connected = once(client, "connect");
  client.connect();
  await connected;
}

/** Collects the arguments of an event, without the offset. */
export function listen(client: OfficialSocket, event: string): unknown[] {
  const heard: unknown[] = [];
  client.on(event, (...args) => heard.push(args.length > 2 ? args.slice(0, -1) : args[0]));
  return heard;
}
