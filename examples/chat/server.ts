/**
 * A chat with rooms: who is here, who is typing, images sent as binary, and ticks that say how many
 * have a message. It runs unchanged on both runtimes:
 *
 *     deno run -A examples/chat/server.ts
 *     bun examples/chat/server.ts
 */
import process from "node:process";
import { Server } from "../../mod.ts";

interface Person {
  readonly id: string;
  readonly name: string;
}

interface Image {
  readonly type: string;
  readonly bytes: Uint8Array;
}

interface Message {
  readonly id: string;
  readonly from: Person;
  readonly at: number;
  readonly text?: string;
  readonly image?: Image;
}

type Answer<Result> = (answer: Result | { error: string }) => void;

/** What browsers send. Nothing of it can be trusted to have these types. */
interface ClientEvents {
  join(name: unknown, room: unknown, answer: Answer<{ room: string; you: Person }>): void;
  say(text: unknown, answer: Answer<{ id: string; at: number }>): void;
  show(type: unknown, bytes: unknown, answer: Answer<{ id: string; at: number }>): void;
  typing(active: unknown): void;
}

interface ServerEvents {
  people(people: Person[]): void;
  rooms(rooms: { room: string; people: number }[]): void;
  message(message: Message, received: (ok: boolean) => void): void;
  delivered(id: string, to: number, of: number): void;
  typing(who: Person, active: boolean): void;
}

interface SocketData {
  name: string;
  room: string;
}

const MAX_NAME = 24;
const MAX_TEXT = 2000;
const MAX_IMAGE = 900_000;
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const DELIVERY_TIMEOUT = 10_000;

const io = new Server<ClientEvents, ServerEvents, Record<never, never>, Partial<SocketData>>();

type ChatSocket = Parameters<Parameters<typeof io.on<"connection">>[1]>[0];

io.on("connection", (socket) => {
  roomsNow().then((rooms) => socket.emit("rooms", rooms));

  socket.on("join", async (name, room, answer) => {
    answer = orNobody(answer);
    if (!isLabel(name)) return answer({ error: `A nickname has 1 to ${MAX_NAME} characters.` });
    if (!isLabel(room)) return answer({ error: `A room has 1 to ${MAX_NAME} characters.` });
    for (const other of await io.in(room.trim()).fetchSockets()) {
      if (other.id === socket.id) continue;
      // A tab that lost its connection may be back before the server has missed it.
      if (isSameTab(other, socket)) other.disconnect(true);
      else if (other.data.name?.toLowerCase() === name.trim().toLowerCase()) {
        return answer({ error: `Somebody in ${room} is called ${name} already.` });
      }
    }
    await leave(socket);
    socket.data = { name: name.trim(), room: room.trim() };
    await socket.join(room.trim());
    answer({ room: room.trim(), you: personOf(socket) });
    await announce(room.trim());
  });

  socket.on("say", (text, answer) => {
    answer = orNobody(answer);
    if (typeof text !== "string" || text.trim() === "" || text.length > MAX_TEXT) {
      answer({ error: `A message has 1 to ${MAX_TEXT} characters.` });
    } else deliver(socket, { text: text.trim() }, answer);
  });

  socket.on("show", (type, bytes, answer) => {
    answer = orNobody(answer);
    if (typeof type !== "string" || !IMAGE_TYPES.includes(type) || !(bytes instanceof Uint8Array)) {
      answer({ error: "An image is a PNG, JPEG, WebP or GIF." });
    } else if (bytes.length === 0 || bytes.length > MAX_IMAGE) {
      answer({ error: `An image has at most ${MAX_IMAGE / 1000} kB.` });
    } else deliver(socket, { image: { type, bytes } }, answer);
  });

  socket.on("typing", (active) => {
    const { room } = socket.data;
    if (room !== undefined) {
      socket.to(room).volatile.emit("typing", personOf(socket), active === true);
    }
  });

  socket.on("disconnect", () => {
    const { room } = socket.data;
    if (room !== undefined) return announce(room);
  });
});

/** Answers the sender at once, and tells it later how many of the others have the message. */
async function deliver(
  socket: ChatSocket,
  content: { text: string } | { image: Image },
  answer: Answer<{ id: string; at: number }>,
): Promise<void> {
  const { room } = socket.data;
  if (room === undefined) return answer({ error: "Join a room first." });
  const message = { id: crypto.randomUUID(), from: personOf(socket), at: Date.now(), ...content };
  const others = (await peopleIn(room)).length - 1;
  answer({ id: message.id, at: message.at });
  if (others === 0) return;
  const received = await socket.to(room).timeout(DELIVERY_TIMEOUT).emitWithAck("message", message)
    .then((all) => all.length, (error) => error.responses.length);
  socket.emit("delivered", message.id, received, others);
}

async function leave(socket: ChatSocket): Promise<void> {
  const { room } = socket.data;
  if (room === undefined) return;
  socket.data = {};
  await socket.leave(room);
  await announce(room);
}

/** Tells a room who is in it, and everybody which rooms there are. */
async function announce(room: string): Promise<void> {
  io.to(room).emit("people", await peopleIn(room));
  io.emit("rooms", await roomsNow());
}

async function roomsNow(): Promise<{ room: string; people: number }[]> {
  const counts = new Map<string, number>();
  for (const { data: { room } } of await io.fetchSockets()) {
    if (room !== undefined) counts.set(room, (counts.get(room) ?? 0) + 1);
  }
  return [...counts].map(([room, people]) => ({ room, people }));
}

async function peopleIn(room: string): Promise<Person[]> {
  return (await io.in(room).fetchSockets()).map(personOf);
}

function personOf({ id, data }: { id: string; data: Partial<SocketData> }): Person {
  return { id, name: data.name ?? "" };
}

interface Authenticated {
  readonly handshake: { readonly auth: { readonly tab?: unknown } };
}

function isSameTab(one: Authenticated, other: Authenticated): boolean {
  const { tab } = one.handshake.auth;
  return typeof tab === "string" && tab !== "" && tab === other.handshake.auth.tab;
}

/** Clients may leave out the acknowledgement, or send something else in its place. */
function orNobody<Result>(answer: Answer<Result>): Answer<Result> {
  return typeof answer === "function" ? answer : () => {};
}

function isLabel(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.trim().length <= MAX_NAME &&
    !/\p{C}/u.test(value);
}

/** The files of the page. The client is our own bundle where it has been built, npm's otherwise. */
const FILES: Readonly<Record<string, readonly [type: string, ...paths: string[]]>> = {
  "/": ["text/html", "public/index.html"],
  "/chat.css": ["text/css", "public/chat.css"],
  "/chat.js": ["text/javascript", "public/chat.js"],
  "/icon.svg": ["image/svg+xml", "public/icon.svg"],
  "/client.js": [
    "text/javascript",
    "../../dist/socket.io.esm.min.js",
    "../../node_modules/socket.io-client/dist/socket.io.esm.min.js",
  ],
};

async function page(request: Request): Promise<Response> {
  const [type, ...paths] = FILES[new URL(request.url).pathname] ?? [];
  for (const path of paths) {
    const file = await read(new URL(path, import.meta.url));
    if (file === undefined) continue;
    return new Response(file, {
      headers: {
        "content-type": `${type}; charset=utf-8`,
        "content-security-policy": "default-src 'self'; img-src 'self' blob:",
        "x-content-type-options": "nosniff",
      },
    });
  }
  return new Response("Not found", { status: 404 });
}

/** The bytes of a file, or `undefined` if there is none. */
async function read(file: URL): Promise<ArrayBuffer | undefined> {
  try {
    return await (await fetch(file)).arrayBuffer();
  } catch {
    return undefined;
  }
}

const { port } = await io.listen(
  { port: Number(process.env["PORT"] ?? 3000), hostname: process.env["HOST"] ?? "0.0.0.0" },
  io.handler(page),
);
console.log(`The chat is at http://localhost:${port}`);
