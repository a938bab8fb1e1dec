// What must compile against the types of the server, and what must not. It is checked against those
// of npm socket.io as well, so that a program may move over as it is.
import { once } from "node:events";
import {
  type Event,
  type ExtendedError,
  Server,
  type ServerOptions,
  type Socket,
} from "../../mod.ts";

interface ClientToServer {
  say(text: string): void;
  ask(question: string, times: number, answer: (text: string, score: number) => void): void;
  maybe(value: number, done?: (ok: boolean) => void): void;
}

interface ServerToClient {
  said(text: string, from: string): void;
  hint(text: string, seen?: (late: boolean) => void): void;
  query(question: string, answer: (score: number) => void): void;
  bye(): void;
}

interface BetweenServers {
  count(value: number): void;
  poll(answer: (load: number) => void): void;
}

interface Data {
  name: string;
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if the two types are the same: `same<Equal<A, B>>()`. */
function same<_Same extends true>(): void {}

const io = new Server<ClientToServer, ServerToClient, BetweenServers, Data>();

// Listening: the arguments come from the events of the clients.
io.on("connection", (socket) => {
  same<Equal<typeof socket, Socket<ClientToServer, ServerToClient, BetweenServers, Data>>>();
  same<Equal<typeof socket.data, Data>>();
  socket.data.name = "Ada";
  // @ts-expect-error a name is a string
  socket.data.name = 1;

  socket.on("say", (text) => same<Equal<typeof text, string>>());
  socket.once("ask", (question, times, answer) => {
    same<Equal<typeof question, string>>();
    same<Equal<typeof times, number>>();
    answer(question.repeat(times), 1);
    // @ts-expect-error the answer needs a score
    answer(question);
  });
  socket.on("maybe", (value, done) => {
    done?.(value > 1);
    // @ts-expect-error it may be missing
    done(true);
  });
  // @ts-expect-error clients send no such event
  socket.on("said", () => {});
  // @ts-expect-error the argument is a string
  socket.on("say", (text: number) => text);

  socket.on("disconnect", (reason) => {
    const known: string = reason;
    // @ts-expect-error there is no such reason
    return known !== "" && reason === "tired";
  });
  socket.on("disconnecting", (reason) => same<Equal<typeof reason extends string ? 1 : 0, 1>>());
  socket.on("error", (error) => same<Equal<typeof error, Error>>());

  // Emitting: the arguments come from the events of the server.
  socket.emit("said", "hello", "Ada");
  socket.emit("bye");
  socket.emit("query", "how?", (score) => same<Equal<typeof score, number>>());
  // @ts-expect-error an argument is missing
  socket.emit("said", "hello");
  // @ts-expect-error an argument has the wrong type
  socket.emit("said", "hello", 1);
  // @ts-expect-error one argument too many
  socket.emit("bye", 1);
  // @ts-expect-error the server sends no such event
  socket.emit("say", "hello");

  // A timeout puts an error in front of the answer.
  socket.timeout(100).emit("query", "how?", (error, score) => {
    same<Equal<typeof error, Error>>();
    same<Equal<typeof score, number>>();
  });
  // @ts-expect-error the acknowledgement takes an error first
  socket.timeout(100).emit("query", "how?", (score: number) => score);
  socket.volatile.compress(true).emit("said", "hello", "Ada");

  // Acknowledgements as promises: for events that have one only.
  const score: Promise<number> = socket.emitWithAck("query", "how?");
  const late: Promise<number> = socket.timeout(100).emitWithAck("query", "how?");
  void [score, late];
  // @ts-expect-error the event has no acknowledgement
  void socket.emitWithAck("said", "hello", "Ada");
  // @ts-expect-error the argument is missing
  void socket.emitWithAck("query");
  // @ts-expect-error the answer is a number
  const wrong: Promise<string> = socket.emitWithAck("query", "how?");
  void wrong;

  // Broadcasts of a socket.
  socket.to("room").except(["a", "b"]).emit("said", "hello", "Ada");
  socket.broadcast.emit("bye");
  // @ts-expect-error an argument is missing
  socket.broadcast.emit("said", "hello");
  const scores: Promise<number[]> = socket.to("room").timeout(100).emitWithAck("query", "how?");
  void scores;

  socket.use((event, next) => {
    const name: string = event[0];
    next(name === "say" ? undefined : new Error("no"));
  });
  socket.onAny((event, ...args) => void [event, args]);
  socket.onAnyOutgoing((event, ...args) => void [event, args]);
  void socket.join(["a", "b"]);
});

io.use((socket, next) => {
  same<Equal<typeof socket.data, Data>>();
  next();
  next(new Error("no"));
  // @ts-expect-error an error or nothing
  next("no");
});

// Middlewares that are declared by themselves, as npm programs do.
function verify(token: string): Data {
  return { name: token };
}
function authenticate(socket: Socket, next: (error?: ExtendedError) => void): void {
  socket.data.user = verify(socket.handshake.auth.token);
  const { token } = socket.handshake.auth;
  const text: string = token.trim();
  const refusal: ExtendedError = new Error(text);
  refusal.data = { code: 1 };
  socket.handshake.auth.seen = true;
  next(refusal);
}
const untouched = new Server();
untouched.use(authenticate);
untouched.on("connection", (socket) => {
  const filter = ([name, order]: Event, next: (error?: Error) => void) =>
    next(order.price > 1 ? undefined : new Error(name));
  socket.use(filter);
  socket.use(([, text], next) => next(text.trim() === "" ? new Error("empty") : undefined));
});

// Broadcasts of the server.
io.emit("said", "hello", "Ada");
io.to("room").in("other").local.emit("bye");
// @ts-expect-error clients send it, the server does not
io.emit("say", "hello");
io.timeout(100).emit("query", "how?", (error, scores) => {
  same<Equal<typeof error, Error>>();
  same<Equal<typeof scores, number[]>>();
});
const scores: Promise<number[]> = io.to("room").timeout(100).emitWithAck("query", "how?");
void scores;

// An acknowledgement that may be left out keeps nobody from broadcasting.
io.emit("hint", "a");
io.of("/other").emit("hint", "a");
io.on("connection", (socket) => {
  socket.broadcast.emit("hint", "a");
  // A broadcast has many answers, wherever the timeout stands.
  socket.timeout(100).to("room").emit("query", "how?", (error, scores) => {
    same<Equal<typeof error, Error>>();
    same<Equal<typeof scores, number[]>>();
  });
  socket.timeout(100).broadcast.emit("query", "how?", (_error, scores) => {
    same<Equal<typeof scores, number[]>>();
  });
  const scores: Promise<number[]> = socket.timeout(100).except("room").emitWithAck("query", "how?");
  void scores;

  const { nsp } = socket;
  nsp.on("connection", (peer) => peer.emit("said", "hello", peer.data.name));
  nsp.on("count", (value) => same<Equal<typeof value, number>>());
  // @ts-expect-error clients send that, not servers
  nsp.on("say", () => {});
  nsp.use((peer, next) => peer.data.name === "" ? next(new Error("nobody")) : next());
  nsp.serverSideEmit("count", 1);
  // @ts-expect-error the argument is a number
  nsp.serverSideEmit("count", "1");
  nsp.sockets.get("id")?.emit("said", "hello", "Ada");
  // @ts-expect-error an argument is missing
  nsp.sockets.get("id")?.emit("said", "hello");
  const open: boolean = socket.conn.readyState === "open";
  void open;
});

// Between servers.
io.on("count", (value) => same<Equal<typeof value, number>>());
io.serverSideEmit("count", 1);
// @ts-expect-error the argument is a number
io.serverSideEmit("count", "1");
// @ts-expect-error servers send no such event to one another
io.serverSideEmit("said", "hello", "Ada");
const loads: Promise<number[]> = io.serverSideEmitWithAck("poll");
void loads;

// Namespaces have the same types, and may have their own.
io.of("/admin").on("connection", (socket) => same<Equal<typeof socket.data, Data>>());
io.of(/^\/room-\d+$/).emit("bye");
io.of((name, auth, next) => next(null, name.length > 1 && auth !== undefined));

// What others hold of sockets.
const remote = await io.in("room").fetchSockets();
for (const socket of remote) {
  same<Equal<typeof socket.data, Data>>();
  socket.emit("said", "hello", "Ada");
  // @ts-expect-error an argument is missing
  socket.emit("said", "hello");
}

// Without types everything goes.
const untyped = new Server();
untyped.on("connection", (socket) => {
  socket.on("anything", (a, b, c) => void [a, b, c]);
  socket.emit("anything", 1, "two", [3], () => {});
  socket.data.whatever = 1;
  const answer: Promise<string> = socket.emitWithAck("anything", 1);
  void answer;
});
untyped.emit("anything", { a: 1 });
const answers: Promise<string[]> = untyped.timeout(10).emitWithAck("anything");
void answers;

// One map serves both directions.
const both = new Server<ServerToClient>();
both.on("connection", (socket) => {
  socket.on("said", (text, from) => socket.emit("said", text, from));
});

// A broadcast that wants answers says first how long it waits for them.
// @ts-expect-error no timeout
io.emit("query", "how?", () => {});
// @ts-expect-error no timeout
io.of("/other").emit("query", "how?", () => {});
// @ts-expect-error nothing is answered
io.timeout(100).emitWithAck("said", "a", "b");
io.serverSideEmit("poll", (error, loads) => {
  same<Equal<typeof error, Error>>();
  same<Equal<typeof loads, number[]>>();
});

// What Node takes for an emitter.
io.on("connection", (socket) => void [once(socket, "say"), once(socket, "disconnect")]);
untyped.on("connection", (socket) => void once(socket, "anything"));
void [once(io.engine, "connection"), once(io.engine, "initial_headers")];
io.engine.on("connection", (session) => void once(session, "close"));
void [once(io, "connection"), once(untyped, "connection"), once(io.of("/other"), "connection")];

// Options may be put together piece by piece.
const options: Partial<ServerOptions> = {};
options.cors = { origin: "https://example.com" };
options.pingInterval = 1000;
void new Server(options);
