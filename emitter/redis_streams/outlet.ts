import { encodeStandardValue } from "../../parser/msgpack/mod.ts";
import { MessageType } from "../../server/adapter/cluster/message.ts";
import type { RedisClient } from "../../server/adapter/redis/client/mod.ts";
import { append } from "../../server/adapter/redis_streams/commands.ts";
import { toFields } from "../../server/adapter/redis_streams/entry.ts";
import type { Settings } from "../../server/adapter/redis_streams/options.ts";
import { RecordEnd, withAfter } from "../../server/adapter/redis_streams/record_end.ts";
import { streamOf } from "../../server/adapter/redis_streams/stream_name.ts";
import type { Command, Outlet } from "../command.ts";

/** Appends to the stream of a namespace what servers record, and publishes what is for themselves. */
export class RedisStreamsOutlet implements Outlet {
  readonly #client: RedisClient;
  readonly #settings: Settings;
  readonly #publishes: boolean;
  // By namespace.
  readonly #ends = new Map<string, RecordEnd>();

  constructor(client: RedisClient, settings: Settings, plainText: boolean) {
    this.#client = client;
    this.#settings = settings;
    // As a command it is sent as it is.
    this.#publishes = plainText === client.plainText;
  }

  send(command: Command, binary: boolean): Promise<unknown> {
    const { nsp, type } = command;
    const end = this.#ends.get(nsp) ?? new RecordEnd();
    this.#ends.set(nsp, end);
    if (type === MessageType.ServerSideEmit) {
      const payload = encodeStandardValue(command);
      return end.behind((id) => this.#publish(nsp, withAfter(payload, id)));
    }
    const { maxLen, onlyPlaintext } = this.#settings;
    const fields = toFields(command, binary && !onlyPlaintext);
    const appended = append(this.#client, streamOf(nsp, this.#settings), fields, maxLen);
    end.record(appended);
    return appended;
  }

  #publish(nsp: string, payload: Uint8Array): Promise<unknown> {
    const { channelPrefix, useShardedPubSub } = this.#settings;
    const channel = `${channelPrefix}#${nsp}#`;
    if (!this.#publishes) {
      const name = useShardedPubSub ? "SPUBLISH" : "PUBLISH";
      return this.#client.command(channel, [name, channel, payload]);
    }
    return useShardedPubSub
      ? this.#client.spublish(channel, payload)
      : this.#client.publish(channel, payload);
  }
}
