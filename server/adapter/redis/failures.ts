import { ClusterError } from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import type { Clients } from "./clients.ts";

/**
 * Waits for a command; a failure says what could not be done.
 *
 * @throws {ClusterError} (rejects) with the error of the client as its cause.
 */
export async function attempted<Result>(what: string, command: Promise<Result>): Promise<Result> {
  try {
    return await command;
  } catch (cause) {
    throw new ClusterError(`Cannot ${what}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Checks that the clients of the program are connected, or try to be. One of the package `redis`
 * waits without an end for a `connect()` that was forgotten.
 *
 * @throws {ClusterError} if one is not.
 */
export function checkOpen({ pub, sub }: Clients): void {
  const closed = sub.isOpen ? "pubClient" : "subClient";
  if (pub.isOpen && sub.isOpen) return;
  throw new ClusterError(`${closed} is not connected: await ${closed}.connect() first`);
}
