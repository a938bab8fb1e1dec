import type { MessageOf, MessageType } from "../server/adapter/cluster/message.ts";

type Sendable =
  | typeof MessageType.Broadcast
  | typeof MessageType.SocketsJoin
  | typeof MessageType.SocketsLeave
  | typeof MessageType.DisconnectSockets
  | typeof MessageType.ServerSideEmit;

/** What an emitter tells the servers: a message that asks for no answer. */
export type Command = { readonly [Type in Sendable]: MessageOf<Type> }[Sendable];

/** The way from an emitter to the servers. */
export interface Outlet {
  /**
   * Sends a command; resolves once the broker has it, rejects if it did not get it. What is sent MUST
   * arrive in the order of the calls, as far as it arrives.
   *
   * @param binary whether it may hold bytes, which JSON does not carry.
   * @throws {TypeError} (at once) if it holds what cannot travel. MUST NOT throw anything else.
   */
  send(command: Command, binary: boolean): Promise<unknown>;
}
