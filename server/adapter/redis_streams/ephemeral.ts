import { type ClusterMessage, MessageType } from "../cluster/mod.ts";

/** Whether a message is not recorded, since it is to be answered at once. */
export function isEphemeral({ type, data }: ClusterMessage): boolean {
  return type === MessageType.ServerSideEmit || type === MessageType.FetchSockets ||
    (type === MessageType.Broadcast && data.requestId !== undefined);
}
