import { debugScope } from "../../events/mod.ts";
import { PacketType, type Parser } from "../../parser/mod.ts";
import type { RestoredSession, Room, SocketId } from "../adapter/mod.ts";
import { type Admission, type Doorkeeper, TURNED_AWAY } from "./admission.ts";
import { type Hook, runHooks } from "./hook.ts";
import type { SocketHost } from "./ports.ts";
import { Socket } from "./socket.ts";

/** What the door needs of its namespace. */
export interface House {
  /** The namespace, as its sockets use it. */
  readonly host: SocketHost;
  /** The sockets in it, by id. */
  readonly sockets: Map<SocketId, Socket>;
  /** The middlewares, in order. */
  readonly middlewares: readonly Hook<Socket>[];
  /** Notes that a client has left before it was let in. */
  left(): void;
  /** Reports what failed on the way. */
  listenerFailed(error: unknown, event: string): void;
}

/** How a door lets clients in. */
export interface DoorOptions {
  /** Makes an id that nobody can guess. */
  newId(): string;
  /** Set where sessions are kept for recovery. */
  readonly recovery: { readonly skipMiddlewares: boolean } | undefined;
}

/** A socket that waits to be let in, and the session that it takes up. */
type Candidate = readonly [Socket, RestoredSession | undefined];

const debug = debugScope("sockeye:namespace");

/** Lets clients into a namespace: takes up their session, asks the middlewares, answers. */
export class Door implements Doorkeeper<Socket> {
  readonly #house: House;
  readonly #options: DoorOptions;
  readonly #byPid = new Map<string, Socket>();
  // With the socket, as soon as there is one, and the session that it takes up.
  readonly #waiting = new Map<Admission<Socket>, Candidate | undefined>();
  #wasLate = false;

  /** Takes the namespace, and how clients are let in. */
  constructor(house: House, options: DoorOptions) {
    this.#house = house;
    this.#options = options;
  }

  /** How many clients wait to be let in. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Lets a client in, or tells it why not. */
  admit(admission: Admission<Socket>, auth: unknown): void {
    if (this.#options.recovery === undefined) return this.#consider(admission, auth, undefined);
    const { pid, offset, ...credentials } = isRecord(auth) ? auth : {} as Record<string, unknown>;
    const asks = typeof pid === "string" && (offset === undefined || typeof offset === "string");
    if (!asks || admission.client.conn.protocol === 3) {
      return this.#consider(admission, credentials, undefined);
    }
    this.#takeOver(pid);
    const restored = this.#restore(pid, offset);
    if (!(restored instanceof Promise)) return this.#consider(admission, credentials, restored);
    this.#wait(admission, undefined);
    restored.catch((error) => this.#house.listenerFailed(error, "connection"))
      .then((restored) => {
        if (admission.cancelled) this.#giveBack(admission, restored ?? undefined);
        else this.#consider(admission, credentials, restored ?? undefined);
      });
  }

  /** Part of {@linkcode Doorkeeper}. */
  left(admission: Admission<Socket>): void {
    const waiting = this.#waiting.get(admission);
    // Its session may be found yet, and has to be given back.
    if (waiting === undefined) return;
    this.#waiting.delete(admission);
    // Its middleware may put it into rooms, and never answer.
    this.#letGo(...waiting);
    this.#house.left();
  }

  /** Part of {@linkcode Doorkeeper}. */
  late(admission: Admission<Socket>): void {
    // Without a socket it waits for its session to be found.
    if (this.#wasLate || this.#waiting.get(admission) === undefined) return;
    this.#wasLate = true;
    const { name } = this.#house.host;
    const error = new Error(`A middleware of ${name} has not called next within connectTimeout`);
    this.#house.listenerFailed(error, "connection");
  }

  /** Forgets the private id of a socket that has left. */
  forget(pid: string): void {
    this.#byPid.delete(pid);
  }

  #restore(
    pid: string,
    offset: string | undefined,
  ): RestoredSession | undefined | Promise<RestoredSession | undefined> {
    try {
      return this.#house.host.adapter.restoreSession?.(pid, offset);
    } catch (error) {
      this.#house.listenerFailed(error, "connection");
      return undefined;
    }
  }

  /** A client that comes back while its old connection still seems to live takes its place. */
  #takeOver(pid: string): void {
    const old = this.#byPid.get(pid);
    if (old === undefined) return;
    old.closed("transport close", { description: "the client came back on another connection" });
    old.conn.close(true);
  }

  #consider(
    admission: Admission<Socket>,
    auth: unknown,
    restored: RestoredSession | undefined,
  ): void {
    const { client } = admission;
    const { recovery } = this.#options;
    const recoverable = recovery !== undefined && client.conn.protocol !== 3;
    const socket = new Socket({
      host: this.#house.host,
      client,
      id: restored?.sid ?? this.#newId(admission),
      ticket: recoverable
        ? { pid: restored?.pid ?? this.#options.newId(), auth, recovered: restored !== undefined }
        : undefined,
      auth,
      restored,
    });
    const skip = restored !== undefined && recovery?.skipMiddlewares === true &&
      isSame(restored.auth, auth);
    const { middlewares } = this.#house;
    if (skip || middlewares.length === 0) {
      return this.#decide(admission, socket, auth, restored, undefined);
    }
    this.#wait(admission, [socket, restored]);
    runHooks(middlewares, socket, {
      done: (error) => this.#decide(admission, socket, auth, restored, error),
      failed: (error) => this.#house.listenerFailed(error, "connection"),
      // To throw is a way to refuse, but hardly by these.
      threw: (error) => isFault(error) && this.#house.listenerFailed(error, "connection"),
    });
  }

  // A middleware that never answers must not keep the namespace of a client that is gone.
  #wait(admission: Admission<Socket>, candidate: Candidate | undefined): void {
    this.#waiting.set(admission, candidate);
    admission.doorkeeper = this;
  }

  #decide(
    admission: Admission<Socket>,
    socket: Socket,
    auth: unknown,
    restored: RestoredSession | undefined,
    error: Error | undefined,
  ): void {
    // A session can be ended, by a ban for instance, while its client waits.
    if (restored?.ended && !admission.cancelled && !socket.isClosed) {
      socket.closed("server namespace disconnect");
      return this.#consider(admission, auth, undefined);
    }
    this.#waiting.delete(admission);
    try {
      if (socket.isClosed) this.#expel(admission, socket, error);
      else if (admission.cancelled) this.#dismiss(admission, socket, restored);
      else if (error !== undefined) this.#refuse(admission, socket, error);
      else this.#enter(admission, socket, restored);
    } catch (failure) {
      // Such as an error whose data cannot be sent. Thrown on, it would reach a middleware.
      this.#house.listenerFailed(failure, "connection");
      this.#refuse(admission, socket, new Error(error?.message ?? "Internal server error"));
    }
  }

  #enter(
    admission: Admission<Socket>,
    socket: Socket,
    restored: RestoredSession | undefined,
  ): void {
    const { client, pid, id } = socket;
    const { name, adapter } = this.#house.host;
    // Read before it joins: what a listener of `join-room` sends then, it gets like everybody.
    const missed = restored?.missedPackets;
    this.#house.sockets.set(id, socket);
    if (pid !== undefined) this.#byPid.set(pid, socket);
    socket.admitted();
    const rooms = new Set<Room>().add(id);
    for (const room of restored?.rooms ?? []) rooms.add(room);
    const joined = adapter.addAll(id, rooms);
    if (joined instanceof Promise) {
      joined.catch((error) => this.#house.listenerFailed(error, "adapter"));
    }
    if (missed !== undefined) {
      for (const packet of missed) client.send(packet.for(client.parser));
    }
    client.sendPacket(
      client.conn.protocol === 3
        ? { type: PacketType.Connect, nsp: name }
        : { type: PacketType.Connect, nsp: name, data: pid ? { sid: id, pid } : { sid: id } },
    );
    admission.decide(socket);
    if (debug.enabled) debug.log(`${name}: ${id} ${restored ? "came back" : "joined"}`);
    client.greet(socket);
  }

  #refuse(admission: Admission<Socket>, socket: Socket, error: Error): void {
    const { client } = socket;
    const { data } = error as { data?: unknown };
    const { name } = this.#house.host;
    if (debug.enabled) debug.log(`${name}: ${socket.id} refused: ${error.message}`);
    this.#dismiss(admission, socket);
    const { message } = error;
    const legacy = client.conn.protocol === 3;
    client.sendPacket({
      type: PacketType.ConnectError,
      nsp: name,
      data: legacy ? data || message : data === undefined ? { message } : { message, data },
    });
  }

  /** A middleware has disconnected the client, whatever it said then. */
  #expel(admission: Admission<Socket>, socket: Socket, error: Error | undefined): void {
    // Not by a disconnect: until it is let in, a client takes that for one of its last session.
    if (admission.cancelled) this.#dismiss(admission, socket);
    else this.#refuse(admission, socket, error ?? new Error(TURNED_AWAY));
  }

  #dismiss(admission: Admission<Socket>, socket: Socket, restored?: RestoredSession): void {
    this.#letGo(socket, restored);
    admission.decide(undefined);
  }

  /** The client is gone, or has asked anew, while its session was looked for. */
  #giveBack(admission: Admission<Socket>, restored: RestoredSession | undefined): void {
    try {
      this.#keepOn(restored, admission.client.parser);
    } finally {
      this.#waiting.delete(admission);
      admission.decide(undefined);
      this.#house.left();
    }
  }

  #keepOn(restored: RestoredSession | undefined, parser: Parser): void {
    if (restored === undefined || restored.ended) return;
    this.#house.host.adapter.persistSession?.(restored, parser);
  }

  /** Nothing more is to come from a socket. A session that it was about to take up is kept on. */
  #letGo(socket: Socket, restored: RestoredSession | undefined): void {
    if (!socket.isClosed) this.#keepOn(restored, socket.parser);
    socket.closed("client namespace disconnect");
  }

  #newId({ client: { conn } }: Admission<Socket>): string {
    if (conn.protocol !== 3) return this.#options.newId();
    // Clients of protocol 3 put their id together by themselves.
    return this.#house.host.name === "/" ? conn.id : `${this.#house.host.name}#${conn.id}`;
  }
}

const FAULTS = [TypeError, ReferenceError, RangeError, SyntaxError, URIError];

/** Whether an error tells of a mistake in the program, or, like that of a database, of the system. */
function isFault(error: unknown): boolean {
  return FAULTS.some((kind) => error instanceof kind) || isRecord(error) && "syscall" in error;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether credentials are the same. Of what has no counterpart in JSON, nothing is. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (!isPlain(one) || !isPlain(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && Object.getPrototypeOf(value) === Object.prototype;
}
