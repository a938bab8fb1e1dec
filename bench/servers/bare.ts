/**
 * The least that a Socket.IO server has to do: no limits, no checks, no features. What it costs on
 * a runtime is what no Socket.IO server on that runtime can go below.
 */
import { NEWS } from "./handlers.mjs";

/** One client of the bare server, by whatever transport. */
export interface Client {
  /** The room that it is in. */
  readonly room: string;
  /** Sends it a frame. */
  send(text: string): void;
}

/** How the bare server of a runtime reaches many clients. */
export interface Fanout {
  /** Everyone. */
  all(text: string): void;
  /** The room of a client, but not the client itself. */
  others(client: Client, text: string): void;
}

const EVENT = 50; // "2", behind the "4" of a message
const CONNECT = 48;
const ARRAY = 91;
let ids = 0;
let seq = 0;

/** The packet that opens a session. */
export function openPacket(sid: string, upgrades: string): string {
  return `0{"sid":"${sid}","upgrades":${upgrades},"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`;
}

/** An id that nobody else has. */
export function nextId(): string {
  return `bare-${ids++}`;
}

/** The room that a URL asks for. */
export function roomOf(url: string): string {
  const at = url.indexOf("room=");
  return at === -1 ? "r" : url.slice(at + 5);
}

/** Handles a frame of a client. */
export function receive(client: Client, frame: string, fanout: Fanout): void {
  const kind = frame.charCodeAt(1);
  if (kind === CONNECT) client.send(`40{"sid":"${nextId()}"}`);
  else if (kind === EVENT) event(client, frame, fanout);
}

function event(client: Client, frame: string, fanout: Fanout): void {
  const start = frame.charCodeAt(2) === ARRAY ? 2 : frame.indexOf("[");
  const [name, value] = JSON.parse(frame.slice(start));
  if (name === "echo") client.send("42" + JSON.stringify(["echo", value]));
  else if (name === "ack") client.send("43" + frame.slice(2, start) + JSON.stringify([value]));
  else if (name === "say") fanout.others(client, "42" + JSON.stringify(["said", value]));
  else if (name === "pub") {
    for (let i = 0; i < value; i++) fanout.all("42" + JSON.stringify(["news", seq++, NEWS]));
  }
}

/** A client on long polling: what waits for it, or the poll that waits. */
class Poller implements Client {
  readonly room = "r";
  #queue: string[] = [];
  #wake: (() => void) | undefined;

  send(text: string): void {
    this.#queue.push(text);
    this.#wake?.();
    this.#wake = undefined;
  }

  poll(): Response | Promise<Response> {
    if (this.#queue.length > 0) return this.#take();
    return new Promise<void>((resolve) => this.#wake = resolve).then(() => this.#take());
  }

  #take(): Response {
    const body = this.#queue.join("\x1e");
    this.#queue = [];
    return new Response(body, TEXT);
  }
}

const TEXT = { headers: { "content-type": "text/plain; charset=UTF-8" } };
const pollers = new Map<string, Poller>();

/** Answers a request of long polling. */
export function answer(request: Request, fanout: Fanout): Response | Promise<Response> {
  const { url } = request;
  const at = url.indexOf("sid=");
  if (at === -1) {
    const sid = nextId();
    pollers.set(sid, new Poller());
    return new Response(openPacket(sid, '["websocket"]'), TEXT);
  }
  const poller = pollers.get(url.slice(at + 4));
  if (poller === undefined) return new Response(null, { status: 400 });
  if (request.method === "GET") return poller.poll();
  return request.text().then((body) => {
    for (const frame of body.split("\x1e")) receive(poller, frame, fanout);
    return new Response("ok");
  });
}
