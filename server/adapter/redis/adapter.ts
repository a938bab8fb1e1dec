import { ClusterAdapter, type ClusterOptions } from "../cluster/mod.ts";
import type { AdapterScope, Room, SocketId } from "../mod.ts";
import type { ClassicBus } from "./classic_bus.ts";
import type { ShardedBus } from "./sharded_bus.ts";

/** What an adapter of {@linkcode createAdapter} has beside what all of a cluster have. */
export interface RedisAdapter extends ClusterAdapter {
  /**
   * The rooms of all servers, those that are named by the id of a socket included. Rejects with a
   * {@linkcode ClusterError} if a server does not answer in time.
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
  allRooms(): Promise<Set<Room>>;
}

/** The adapter over channels that all servers hear. */
export class ClassicAdapter extends ClusterAdapter implements RedisAdapter {
  readonly #bus: ClassicBus;

  constructor(scope: AdapterScope, bus: ClassicBus, options: ClusterOptions) {
    super(scope, bus, options);
    this.#bus = bus;
  }

  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void | Promise<void> {
    super.addAll(id, rooms);
    return this.#bus.settled(others(id, rooms));
  }

  allRooms(): Promise<Set<Room>> {
    return this.#bus.allRooms();
  }
}

/** The adapter over channels of shards. */
export class ShardedAdapter extends ClusterAdapter {
  readonly #bus: ShardedBus;

  constructor(scope: AdapterScope, bus: ShardedBus, options: ClusterOptions) {
    super(scope, bus, options);
    this.#bus = bus;
  }

  override addAll(id: SocketId, rooms: ReadonlySet<Room>): void | Promise<void> {
    super.addAll(id, rooms);
    return this.#bus.settled(others(id, rooms));
  }
}

/** A client must not have to wait for the broker to connect, for which it joins the room of its id. */
function others(id: SocketId, rooms: ReadonlySet<Room>): Room[] {
  return [...rooms].filter((room) => room !== id);
}
