/**
 * Typed events: the maps that describe them, the emitter that calls listeners, and the table of
 * awaited acknowledgements.
 *
 * @module
 */
export {
  ACK_DISCONNECTED_MESSAGE,
  ACK_TIMEOUT_MESSAGE,
  type AckCallback,
  AckTable,
} from "./acks.ts";
export { CatchAllEmitter } from "./catch_all.ts";
export {
  configureDebug,
  DebugScope,
  debugScope,
  debugScopes,
  type DebugSink,
  quoted,
} from "./debug.ts";
export { Emitter, type EventName } from "./emitter.ts";
export { inspectable } from "./inspect.ts";
export type {
  AckResult,
  AllButLast,
  AnyListener,
  CollectResponses,
  Credentials,
  DecorateAcknowledgements,
  DecorateAcknowledgementsWithMultipleResponses,
  DecorateAcknowledgementsWithTimeoutAndMultipleResponses,
  DefaultEventsMap,
  DefaultSocketData,
  ErrorFirst,
  EventNames,
  EventNamesWithAck,
  EventNamesWithError,
  EventNamesWithoutAck,
  EventParams,
  EventsMap,
  ExtendedError,
  FirstAnswer,
  IsAny,
  Last,
  LastIsFunction,
  LastMayBeMissing,
  OrUntyped,
  PrependError,
  RemoveAcknowledgements,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
  ServerSideParams,
  SocketEvent,
  TakesAnswer,
  WithParams,
} from "./map.ts";
export {
  type ErrorReporter,
  type ListenerContext,
  reportListenerError,
  safeReporter,
} from "./report.ts";
export { isThenable } from "./thenable.ts";
