import { encodeBase64 } from "../../parser/engine/mod.ts";
import { encodeStandardValue } from "../../parser/msgpack/mod.ts";
import { MessageType } from "../../server/adapter/cluster/message.ts";
import type { RedisClient } from "../../server/adapter/redis/client/mod.ts";
import type { Command, Outlet } from "../command.ts";

/** Where commands go. */
export interface Route {
  readonly streamName: string;
  readonly streamCount: number;
  readonly channelPrefix: string;
  readonly useShardedPubSub: boolean;
  readonly maxLen: number;
  readonly onlyPlaintext: boolean;
}

/** Appends to the stream of a namespace what servers record, and publishes what is for themselves. */
export class RedisStreamsOutlet implements Outlet {
  readonly #client: RedisClient;
  readonly #route: Route;

  constructor(client: RedisClient, route: Route) {
    this.#client = client;
    this.#route = route;
  }

  send(command: Command, binary: boolean): Promise<unknown> {
    return command.type === MessageType.ServerSideEmit
      ? this.#publish(command)
      : this.#append(command, binary);
  }

  #publish(command: Command): Promise<unknown> {
    const { channelPrefix, useShardedPubSub } = this.#route;
    const channel = `${channelPrefix}#${command.nsp}#`;
    const name = useShardedPubSub ? "SPUBLISH" : "PUBLISH";
    return this.#client.command(channel, [name, channel, encodeStandardValue(command)]);
  }

  #append({ uid, nsp, type, data }: Command, binary: boolean): Promise<unknown> {
    const { onlyPlaintext, maxLen } = this.#route;
    const isText = onlyPlaintext || !binary;
    const text = isText ? JSON.stringify(data) : encodeBase64(encodeStandardValue(data));
    const stream = this.#streamOf(nsp);
    return this.#client.command(stream, [
      ...["XADD", stream, "MAXLEN", "~", `${maxLen}`, "*"] as const,
      ...["uid", uid, "nsp", nsp, "type", `${type}`, "data", text],
    ]);
  }

  #streamOf(nsp: string): string {
    const { streamName, streamCount } = this.#route;
    return streamCount === 1 ? streamName : `${streamName}-${hashOf(nsp) % streamCount}`;
  }
}

// That of the adapter of npm, which may give a number below 0.
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return hash;
}
