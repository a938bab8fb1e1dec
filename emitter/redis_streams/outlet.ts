import { encodeStandardValue } from "../../parser/msgpack/mod.ts";
import { MessageType } from "../../server/adapter/cluster/message.ts";
import type { RedisClient } from "../../server/adapter/redis/client/mod.ts";
import { append } from "../../server/adapter/redis_streams/commands.ts";
import { toFields } from "../../server/adapter/redis_streams/entry.ts";
import type { Settings } from "../../server/adapter/redis_streams/options.ts";
import { streamOf } from "../../server/adapter/redis_streams/stream_name.ts";
import type { Command, Outlet } from "../command.ts";

/** Appends to the stream of a namespace what servers record, and publishes what is for themselves. */
export class RedisStreamsOutlet implements Outlet {
  readonly #client: RedisClient;
  readonly #settings: Settings;
  readonly #publishes: boolean;

  constructor(client: RedisClient, settings: Settings, plainText: boolean) {
    this.#client = client;
    this.#settings = settings;
    // As a command it is sent as it is.
    this.#publishes = plainText === client.plainText;
  }

  send(command: Command, binary: boolean): Promise<unknown> {
    if (command.type === MessageType.ServerSideEmit) return this.#publish(command);
    const { maxLen, onlyPlaintext } = this.#settings;
    const fields = toFields(command, binary && !onlyPlaintext);
    return append(this.#client, streamOf(command.nsp, this.#settings), fields, maxLen);
  }

  #publish(command: Command): Promise<unknown> {
    const { channelPrefix, useShardedPubSub } = this.#settings;
    const channel = `${channelPrefix}#${command.nsp}#`;
    const payload = encodeStandardValue(command);
    if (!this.#publishes) {
      const name = useShardedPubSub ? "SPUBLISH" : "PUBLISH";
      return this.#client.command(channel, [name, channel, payload]);
    }
    return useShardedPubSub
      ? this.#client.spublish(channel, payload)
      : this.#client.publish(channel, payload);
  }
}
