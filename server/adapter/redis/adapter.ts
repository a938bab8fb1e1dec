import { ClusterAdapter, type ClusterOptions } from "../cluster/mod.ts";
import type { AdapterScope, Room, SocketId } from "../mod.ts";
import type { ClassicBus } from "./classic_bus.ts";
import type { RedisAdapter as AdapterWithRooms } from "./redis_adapter.ts";
import type { ShardedBus } from "./sharded_bus.ts";

/** The adapter over channels that all servers hear. */
export class RedisAdapter extends ClusterAdapter implements AdapterWithRooms {
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
export class ShardedRedisAdapter extends ClusterAdapter {
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
