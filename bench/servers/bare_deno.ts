// The bare server on Deno: a broadcast is a loop.
import { answer, type Client, type Fanout, nextId, openPacket, receive, roomOf } from "./bare.ts";
import { PORT, ready, tell } from "./stats.mjs";

class Peer implements Client {
  readonly room: string;
  readonly #socket: WebSocket;

  constructor(room: string, socket: WebSocket) {
    this.room = room;
    this.#socket = socket;
  }

  send(text: string): void {
    this.#socket.send(text);
  }
}

const all = new Set<Peer>();
const rooms = new Map<string, Set<Peer>>();
const fanout: Fanout = {
  all(text) {
    for (const peer of all) peer.send(text);
  },
  others(client, text) {
    for (const peer of rooms.get(client.room) ?? []) if (peer !== client) peer.send(text);
  },
};

function accept(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  const peer = new Peer(roomOf(request.url), socket);
  socket.onopen = () => {
    all.add(peer);
    const room = rooms.get(peer.room);
    if (room === undefined) rooms.set(peer.room, new Set([peer]));
    else room.add(peer);
    peer.send(openPacket(nextId(), "[]"));
  };
  socket.onmessage = ({ data }) => receive(peer, data, fanout);
  socket.onerror = () => {};
  socket.onclose = () => {
    all.delete(peer);
    rooms.get(peer.room)?.delete(peer);
  };
  return response;
}

Deno.serve({ port: PORT, hostname: "127.0.0.1", onListen: ready }, (request) => {
  const { url } = request;
  const told = tell(url);
  if (told !== undefined) return new Response(told);
  return url.includes("transport=websocket") ? accept(request) : answer(request, fanout);
});
setInterval(() => {
  for (const peer of all) peer.send("2");
}, 25_000);
