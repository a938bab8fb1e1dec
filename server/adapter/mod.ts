/**
 * Rooms and broadcasts: the `Adapter` port, the in-memory adapter, and the one that keeps sessions
 * for connection state recovery.
 *
 * @module
 */
export type {
  Adapter,
  AdapterClass,
  AdapterEvents,
  AdapterFactory,
  AdapterScope,
  BroadcastFlags,
  MissedPacket,
  Publish,
  Recipient,
  RestoredSession,
  Room,
  Session,
  SocketDetails,
  SocketId,
  Target,
} from "./adapter.ts";
export { Encodings } from "./encodings.ts";
export { LocalAdapter, sendOptions } from "./local.ts";
export { RecoveryAdapter, type RecoveryLimits } from "./recovery.ts";
export { type Keepsake, RecoveryBudget } from "./recovery_budget.ts";
export { weightOf } from "./weight.ts";
