import { inspectable } from "../../events/mod.ts";
import type { Room, SocketId, Target } from "../adapter/mod.ts";

// What `console.log` shows of each class. Never the private id, the credentials, the headers, or
// the id of the low-level connection.

/** A class, or a base of that class alone. */
interface Class {
  readonly prototype: object;
}

interface Carrier {
  readonly protocol: number;
  readonly transport: { readonly name: string };
  readonly readyState: string;
  readonly remoteAddress: string;
}

interface ShownSocket {
  readonly id: SocketId;
  readonly nsp: { readonly name: string };
  readonly connected: boolean;
  readonly recovered: boolean;
  readonly rooms: ReadonlySet<Room>;
  readonly data: unknown;
  readonly conn: Carrier;
}

interface ShownNamespace {
  readonly name: string;
  readonly sockets: ReadonlyMap<SocketId, unknown>;
  readonly adapter: { readonly rooms: ReadonlyMap<Room, unknown> };
}

/** Shows what carries a connection. */
export function showConnection(type: Class): void {
  inspectable(type, ({ conn }: { readonly conn: Carrier }) => {
    const { protocol, transport, readyState, remoteAddress } = conn;
    return { protocol, transport: transport.name, readyState, remoteAddress };
  });
}

/** Shows a socket with its rooms and its data. */
export function showSocket(type: Class): void {
  inspectable(type, (socket: ShownSocket) => {
    const { id, nsp, connected, recovered, rooms, data, conn } = socket;
    const { transport, remoteAddress } = conn;
    return {
      id,
      nsp: nsp.name,
      connected,
      recovered,
      rooms: [...rooms],
      data,
      transport: transport.name,
      remoteAddress,
    };
  });
}

/** Shows a socket that may be on another server. */
export function showRemoteSocket(type: Class): void {
  inspectable(type, ({ id, rooms, data }: Pick<ShownSocket, "id" | "rooms" | "data">) => {
    return { id, rooms: [...rooms], data };
  });
}

/** Shows a namespace: how many are in it, and its rooms but for those that sockets have as such. */
export function showNamespace(type: Class): void {
  inspectable(type, ({ name, sockets, adapter }: ShownNamespace) => {
    const rooms = [...adapter.rooms.keys()].filter((room) => !sockets.has(room));
    return { name, sockets: sockets.size, rooms };
  });
}

/** What is shown of a broadcast. */
export function lookOfTarget(
  nsp: string,
  { rooms, except, flags }: Target,
): Record<string, unknown> {
  return { nsp, rooms: [...rooms], except: [...except ?? []], flags };
}
