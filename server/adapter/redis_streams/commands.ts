import { pairsOf, type RedisClient } from "../redis/client/mod.ts";
import type { Entry } from "./entry.ts";

/** Appends an entry to a stream, which keeps roughly so many. */
export function append(
  client: RedisClient,
  stream: string,
  fields: readonly string[],
  maxLen: number,
): Promise<unknown> {
  return client.command(stream, ["XADD", stream, "MAXLEN", "~", `${maxLen}`, "*", ...fields]);
}

/** How to read a stream. */
export interface ReadOptions {
  /** How many entries at most. */
  readonly readCount: number;
  /** Milliseconds to wait for the first one. */
  readonly blockTimeInMs: number;
}

/** Reads the entries behind an id, oldest first, as soon as there are any. */
export async function readBehind(
  client: RedisClient,
  stream: string,
  id: string,
  { readCount, blockTimeInMs }: ReadOptions,
): Promise<Entry[]> {
  const reply = await client.command(stream, [
    ...["XREAD", "COUNT", `${readCount}`, "BLOCK", `${blockTimeInMs}`] as const,
    ...["STREAMS", stream, id],
  ]);
  return pairsOf(reply).flatMap(([, entries]) => entriesOf(entries));
}

/** The entries from one on, or behind it, oldest first. */
export async function rangeFrom(
  client: RedisClient,
  stream: string,
  id: string,
  count: number,
  isBehind: boolean = false,
): Promise<Entry[]> {
  const start = isBehind ? `(${id}` : id;
  const args = ["XRANGE", stream, start, "+", "COUNT", `${count}`] as const;
  return entriesOf(await client.command(stream, args));
}

/** The id of the last entry; `undefined` if there is none. */
export async function lastId(client: RedisClient, stream: string): Promise<string | undefined> {
  const args = ["XREVRANGE", stream, "+", "-", "COUNT", "1"] as const;
  return entriesOf(await client.command(stream, args))[0]?.id;
}

/** Sets a text for so many milliseconds. */
export function setFor(
  client: RedisClient,
  key: string,
  value: string,
  duration: number,
): Promise<unknown> {
  // More, such as Infinity, is more than Redis takes.
  const milliseconds = Math.min(Math.max(1, Math.ceil(duration)), Number.MAX_SAFE_INTEGER);
  return client.command(key, ["SET", key, value, "PX", String(milliseconds)]);
}

/** Reads a text and deletes it, in one. */
export async function take(client: RedisClient, key: string): Promise<string | undefined> {
  const reply = await client.command(key, ["GETDEL", key]);
  return reply === null || reply === undefined ? undefined : String(reply);
}

function entriesOf(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return [];
  return reply.map(([id, values]) => ({ id: String(id), fields: fieldsOf(values) }));
}

function fieldsOf(values: unknown): Map<string, string> {
  const fields = new Map<string, string>();
  if (!Array.isArray(values)) return fields;
  for (let i = 0; i + 1 < values.length; i += 2) {
    fields.set(String(values[i]), String(values[i + 1]));
  }
  return fields;
}
