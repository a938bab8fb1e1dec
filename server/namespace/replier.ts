import { PacketType } from "../../parser/mod.ts";
import type { Client } from "./ports.ts";

/** A socket as far as answers go. */
interface Answering {
  readonly client: Client;
  readonly nsp: { readonly name: string };
  readonly isClosed: boolean;
}

/** What a listener calls with its answer: sends it, once, and not after the end. */
export function replier(socket: Answering, id: number): (...args: unknown[]) => void {
  let answered = false;
  return (...args) => {
    if (answered || socket.isClosed) return;
    answered = true;
    socket.client.sendPacket({ type: PacketType.Ack, nsp: socket.nsp.name, data: args, id });
  };
}
