/**
 * Servers that share their namespaces: the adapter that reaches the sockets of other servers, and
 * the `ClusterBus` port, by which it does.
 *
 * @module
 */
export { ClusterAdapter } from "./adapter.ts";
export type { ClusterBus, Receiver, Recorded, RecordingBus } from "./bus.ts";
export { checkTimes } from "./check_times.ts";
export { ClusterError } from "./error.ts";
export type { ClusterOptions } from "./exchange.ts";
export type { HeartbeatOptions } from "./members.ts";
export { ClusterRecoveryAdapter } from "./recovery.ts";
export { checkOptionNames } from "./option_names.ts";
export {
  type ClusterMessage,
  EMITTER_UID,
  isResponse,
  type MessageData,
  type MessageOf,
  MessageType,
  type WirePacket,
  type WireTarget,
} from "./message.ts";
