import { encodeValue } from "../../parser/msgpack/mod.ts";
import { MessageType } from "../../server/adapter/cluster/message.ts";
import type { Payload, RedisClient } from "../../server/adapter/redis/client/mod.ts";
import type { Command, Outlet } from "../command.ts";

/** Encodes what is said to clients, and what JSON cannot carry. */
export interface EmitterParser {
  /** Returns bytes or a text. */
  encode(value: unknown): unknown;
}

/** Writes what servers read that have no `parser` option. */
export const msgpack: EmitterParser = { encode: encodeValue };

const RequestType = {
  RemoteJoin: 2,
  RemoteLeave: 3,
  RemoteDisconnect: 4,
  ServerSideEmit: 6,
} as const;

/** Sends by `PUBLISH`. A client does what it is told in this order. */
export class RedisOutlet implements Outlet {
  readonly #publish: (channel: string, payload: Payload) => Promise<unknown>;
  readonly #key: string;
  readonly #parser: EmitterParser;

  constructor(client: RedisClient, key: string, parser: EmitterParser, plainText: boolean) {
    this.#publish = plainText === client.plainText
      ? (channel, payload) => client.publish(channel, payload)
      : (channel, payload) => client.command(channel, ["PUBLISH", channel, payload]);
    this.#key = key;
    this.#parser = parser;
  }

  send(command: Command, binary: boolean): Promise<unknown> {
    if (command.type !== MessageType.Broadcast) {
      const request = requestOf(command);
      const payload = binary ? this.#encode(request) : JSON.stringify(request);
      return this.#publish(`${this.#key}-request#${command.nsp}#`, payload);
    }
    const { nsp, uid, data: { packet, opts: { rooms, flags, except } } } = command;
    const payload = this.#encode([uid, packet, { rooms, flags, except }]);
    const [room, ...others] = rooms;
    const only = room !== undefined && others.length === 0 ? `${room}#` : "";
    return this.#publish(`${this.#key}#${nsp}#${only}`, payload);
  }

  #encode(value: unknown): Payload {
    const encoded = this.#parser.encode(value);
    if (typeof encoded === "string" || encoded instanceof Uint8Array) return encoded;
    throw new TypeError("Cannot encode: the parser returned neither text nor bytes");
  }
}

function requestOf(command: Exclude<Command, { readonly type: typeof MessageType.Broadcast }>) {
  const { uid, type, data } = command;
  switch (type) {
    case MessageType.SocketsJoin:
      return { type: RequestType.RemoteJoin, ...data };
    case MessageType.SocketsLeave:
      return { type: RequestType.RemoteLeave, ...data };
    case MessageType.DisconnectSockets:
      return { type: RequestType.RemoteDisconnect, ...data };
    case MessageType.ServerSideEmit:
      return { uid, type: RequestType.ServerSideEmit, data: data.packet };
  }
}
