// What must compile against the types of the client, and what must not. It is checked against those
// of npm socket.io-client as well, so that a program may move over as it is.
import {
  type DisconnectDescription,
  type ExtendedError,
  io,
  Manager,
  type ManagerOptions,
  type ManagerReservedEvents,
  type Socket,
  type SocketOptions,
} from "../../client/mod.ts";

interface ServerToClient {
  said(text: string, from: string): void;
  query(question: string, answer: (score: number) => void): void;
}

interface ClientToServer {
  say(text: string): void;
  ask(question: string, answer: (text: string) => void): void;
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only if the two types are the same: `same<Equal<A, B>>()`. */
function same<_Same extends true>(): void {}

const socket: Socket<ServerToClient, ClientToServer> = io("http://localhost", {
  auth: { token: "secret" },
  transports: ["websocket"],
  reconnectionDelay: 100,
});

socket.on("said", (text, from) => {
  same<Equal<typeof text, string>>();
  same<Equal<typeof from, string>>();
});
socket.once("query", (question, answer) => answer(question.length));
// @ts-expect-error the answer is a number
socket.on("query", (question, answer) => answer(question));
// @ts-expect-error the server sends no such event
socket.on("say", () => {});
// @ts-expect-error the argument is a string
socket.off("said", (text: number) => text);

socket.on("connect", () => same<Equal<typeof socket.connected, boolean>>());
socket.on("connect_error", (error: ExtendedError) => same<Equal<typeof error.message, string>>());
socket.on("connect_error", (error) => void error.data?.content);
const explain = (reason: Socket.DisconnectReason): string => {
  switch (reason) {
    case "io server disconnect":
    case "io client disconnect":
    case "ping timeout":
    case "transport close":
    case "transport error":
    case "parse error":
      return "known";
  }
};
void explain;
socket.on("disconnect", (reason: Socket.DisconnectReason, details?: DisconnectDescription) => {
  const known: string = reason + details;
  // @ts-expect-error there is no such reason
  return known !== "" && reason === "tired";
});

socket.emit("say", "hello");
socket.emit("ask", "how?", (text) => same<Equal<typeof text, string>>());
// @ts-expect-error an argument is missing
socket.emit("say");
// @ts-expect-error an argument has the wrong type
socket.emit("say", 1);
// @ts-expect-error the server sends it, the client does not
socket.emit("said", "hello", "Ada");
socket.volatile.emit("say", "hello");
socket.timeout(100).emit("ask", "how?", (error, text) => {
  same<Equal<typeof error, Error>>();
  same<Equal<typeof text, string>>();
});
// @ts-expect-error the acknowledgement takes an error first
socket.timeout(100).emit("ask", "how?", (text: string) => text);

const answer: Promise<string> = socket.emitWithAck("ask", "how?");
const late: Promise<string> = socket.timeout(100).emitWithAck("ask", "how?");
void [answer, late];
// @ts-expect-error the event has no acknowledgement
void socket.emitWithAck("say", "hello");
// @ts-expect-error the answer is a string
const wrong: Promise<number> = socket.emitWithAck("ask", "how?");
void wrong;

socket.onAny((event, ...args) => void [event, args]);
socket.onAnyOutgoing((event, ...args) => void [event, args]);
socket.auth = { token: "other" };
socket.auth = (use) => use({ token: "third" });
socket.auth = async (use) => use({ token: await Promise.resolve("fourth") });
socket.auth = (use) => setTimeout(use, 1, { token: "fifth" });
interface Identity {
  token: string;
}
const identity: Identity = { token: "sixth" };
io("http://localhost", { auth: identity, query: { version: 4, test: true } });
const parameters: Record<string, unknown> = { list: ["a"], when: new Date(), nothing: undefined };
io("http://localhost", { query: parameters });
interface Place {
  room: string;
}
const place: Place = { room: "seven" };
io("http://localhost", { query: place });
if (typeof socket.auth === "object") socket.auth["token"] = "changed";
const itsManager: Manager = io("http://localhost").io;
itsManager.socket("/other").io.reconnection(false);
const options: Partial<ManagerOptions & SocketOptions> = {
  forceNew: true,
  multiplex: false,
  auth: { token: "seventh" },
};
io("http://localhost", options);
io(options);
const wrapped = (...args: Parameters<typeof io>) => io(...args);
wrapped("http://localhost", options);
// @ts-expect-error a word is not yes or no
options.forceNew = "yes";
same<Equal<typeof socket.id, string | undefined>>();
socket.sendBuffer = [];
socket.receiveBuffer = [];
socket.connect().disconnect();

// Without types everything goes.
const untyped = io();
untyped.on("anything", (a, b) => void [a, b]);
untyped.emit("anything", 1, "two", () => {});
const whatever: Promise<string> = untyped.emitWithAck("anything", 1);
void whatever;

const manager = new Manager("http://localhost", { reconnectionAttempts: 3 });
manager.on("reconnect_attempt", (attempt) => same<Equal<typeof attempt, number>>());
manager.on("reconnect_failed", () => {});
// @ts-expect-error a manager has no such event
manager.on("said", () => {});
socket.io.opts.query = { room: "seven" };
socket.io.opts.query!["room"] = "eight";
const admin: Socket = manager.socket("/admin", { auth: { token: "secret" } });
admin.io.reconnectionDelay(200);
const failed: ManagerReservedEvents["reconnect_error"] = (error) => void error.message;
manager.on("reconnect_error", failed);
