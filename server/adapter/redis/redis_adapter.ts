import type { ClusterAdapter } from "../cluster/mod.ts";
import type { Room } from "../mod.ts";

/** What an adapter of {@linkcode createAdapter} has beside what all of a cluster have. */
export interface RedisAdapter extends ClusterAdapter {
  /**
   * The rooms of all servers, those that are named by the id of a socket included. Rejects with a
   * {@linkcode ClusterError} if a server does not answer in time, or the adapter was closed.
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
