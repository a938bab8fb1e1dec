// What the types of the emitters say beyond those of npm.
import { Redis } from "ioredis";
import pg from "pg";
import postgres from "postgres";
import { createClient, createCluster } from "redis";
import { Emitter as PostgresEmitter } from "../../emitter/postgres/mod.ts";
import { type BrokerEmitter, Emitter, type Failure } from "../../emitter/redis/mod.ts";

interface ServerToClient {
  said(text: string): void;
  hint(text: string, seen?: (late: boolean) => void): void;
  query(question: string, answer: (score: number) => void): void;
}

interface BetweenServers {
  count(value: number): void;
  poll(answer: (load: number) => void): void;
}

function onError(error: Error, failure?: Failure): void {
  console.error(error.message, failure?.method, failure?.nsp);
}

const emitters: readonly BrokerEmitter<ServerToClient, BetweenServers>[] = [
  new Emitter(createClient(), { onError, plainText: true }),
  new Emitter(createCluster({ rootNodes: [] })),
  new Emitter(new Redis(), { parser: { encode: JSON.stringify } }, "/chat"),
  new PostgresEmitter(new pg.Pool(), "/chat", { onError, tableName: "attachments" }),
  new PostgresEmitter(postgres(), { payloadThreshold: 1000 }, "/chat"),
];
// @ts-expect-error a client of another broker
new Emitter(new pg.Pool());
// @ts-expect-error a client of another broker
new PostgresEmitter(createClient());

for (const emitter of emitters) {
  emitter.emit("said", "hello");
  emitter.emit("hint", "hello");
  // @ts-expect-error nobody hears the answer
  emitter.to("a").emit("query", "why?", () => {});
  // @ts-expect-error it needs an answer
  emitter.to("a").emit("query", "why?");

  emitter.serverSideEmit("count", 1);
  // @ts-expect-error its argument is a number
  emitter.serverSideEmit("count", "1");
  // @ts-expect-error nobody hears the answer
  emitter.of("/other").serverSideEmit("poll", () => {});
  // @ts-expect-error servers have no such event
  emitter.serverSideEmit("said", "hello");

  const flushed: Promise<void> = emitter.flush();
  void flushed;
  // @ts-expect-error an operator is of no other use
  emitter.to("a").of("/other");
}
