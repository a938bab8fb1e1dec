// The bare server on Bun: broadcasts are native publishes.
import { answer, type Client, type Fanout, nextId, openPacket, receive, roomOf } from "./bare.ts";
import { PORT, ready, tell } from "./stats.mjs";

interface BunSocket {
  readonly data: Peer;
  send(text: string): number;
  subscribe(topic: string): void;
  publish(topic: string, text: string): number;
}

interface BunServer {
  upgrade(request: Request, options: { data: Peer }): boolean;
  publish(topic: string, text: string): number;
}

interface Bun {
  serve(options: Record<string, unknown>): BunServer;
}

class Peer implements Client {
  readonly room: string;
  socket: BunSocket | undefined;

  constructor(room: string) {
    this.room = room;
  }

  send(text: string): void {
    this.socket?.send(text);
  }
}

const open = new Set<BunSocket>();
const fanout: Fanout = {
  all: (text) => server.publish("all", text),
  others: (client, text) => (client as Peer).socket?.publish(client.room, text),
};
const server = (globalThis as unknown as { Bun: Bun }).Bun.serve({
  port: PORT,
  hostname: "127.0.0.1",
  fetch(request: Request, server: BunServer) {
    const { url } = request;
    const told = tell(url);
    if (told !== undefined) return new Response(told);
    if (!url.includes("transport=websocket")) return answer(request, fanout);
    if (server.upgrade(request, { data: new Peer(roomOf(url)) })) return undefined;
    return new Response(null, { status: 400 });
  },
  websocket: {
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,
    open(socket: BunSocket) {
      socket.data.socket = socket;
      open.add(socket);
      socket.subscribe("all");
      socket.subscribe(socket.data.room);
      socket.send(openPacket(nextId(), "[]"));
    },
    message: (socket: BunSocket, frame: string) => receive(socket.data, frame, fanout),
    close: (socket: BunSocket) => open.delete(socket),
  },
});
setInterval(() => {
  for (const socket of open) socket.send("2");
}, 25_000);
ready();
