import type { SocketDetails } from "../mod.ts";
import { ClusterError } from "./error.ts";
import { reasonOf } from "./reason.ts";

/**
 * The same sockets, without the `data` of those where it cannot be written; `undefined` if there are
 * none of these.
 *
 * @param failed told of each of them.
 */
export function withoutUnwritable(
  sockets: readonly SocketDetails[],
  failed: (error: Error) => void,
): SocketDetails[] | undefined {
  let found = false;
  const writable = sockets.map((socket) => {
    const cause = problemOf(socket);
    if (cause === undefined) return socket;
    found = true;
    const told = `Cannot tell other servers the data of ${socket.id}: ${reasonOf(cause)}`;
    failed(new ClusterError(told, { cause }));
    return { ...socket, data: undefined };
  });
  return found ? writable : undefined;
}

function problemOf({ data }: SocketDetails): unknown {
  try {
    JSON.stringify(data);
    return undefined;
  } catch (error) {
    return error;
  }
}
