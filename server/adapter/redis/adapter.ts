import { ClusterAdapter, type ClusterOptions } from "../cluster/mod.ts";
import type { AdapterScope, Room, SocketId } from "../mod.ts";
import type { ClassicBus } from "./classic_bus.ts";
import type { ShardedBus } from "./sharded_bus.ts";

/** The adapter that {@linkcode createAdapter} makes. */
export class RedisAdapter extends ClusterAdapter {
  readonly #bus: ClassicBus;

  constructor(scope: AdapterScope, bus: ClassicBus, options: ClusterOptions) {
    super(scope, bus, options);
    this.#bus = bus;
  }

  /** Puts a socket into rooms; a promise, if there is one, resolves as soon as they are heard. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void | Promise<void> {
    super.addAll(id, rooms);
    return this.#bus.settled(others(id, rooms));
  }

  /**
   * The rooms of all servers, those that are named by the id of a socket included.
   *
   * @throws {ClusterError} if a server does not answer in time: it rejects.
   *
   * @example
   * ```ts
   * import { Server } from "@sockeye/io";
   * import type { RedisAdapter } from "@sockeye/io/adapter/redis";
   *
   * async function rooms(io: Server): Promise<Set<string>> {
   *   return await (io.sockets.adapter as RedisAdapter).allRooms();
   * }
   * ```
   */
  allRooms(): Promise<Set<Room>> {
    return this.#bus.allRooms();
  }
}

/** The adapter that {@linkcode createShardedAdapter} makes. */
export class ShardedRedisAdapter extends ClusterAdapter {
  readonly #bus: ShardedBus;

  constructor(scope: AdapterScope, bus: ShardedBus, options: ClusterOptions) {
    super(scope, bus, options);
    this.#bus = bus;
  }

  /** Puts a socket into rooms; a promise, if there is one, resolves as soon as they are heard. */
  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void | Promise<void> {
    super.addAll(id, rooms);
    return this.#bus.settled(others(id, rooms));
  }
}

/** A client must not have to wait for the broker to connect, for which it joins the room of its id. */
function others(id: SocketId, rooms: ReadonlySet<Room>): Room[] {
  return [...rooms].filter((room) => room !== id);
}
