import { debugScope, quoted } from "../../events/mod.ts";
import { type CloseDetails, type CloseReason, Pause } from "../../parser/engine/mod.ts";
import {
  chooseParser,
  type Decoder,
  type Frame,
  type Message,
  type Packet,
  PacketType,
  type Parser,
  type SendOptions,
} from "../../parser/mod.ts";
import { weightOf } from "../adapter/mod.ts";
import { Admission, type Applicant, TURNED_AWAY } from "./admission.ts";
import type { Directory } from "./directory.ts";
import { legacyPacket } from "./legacy_connect.ts";
import type { Link, LinkHandler } from "./link.ts";
import { showConnection } from "./looks.ts";
import { messageOf } from "./message_of.ts";
import type { Namespace } from "./namespace.ts";
import type { DisconnectReason, Newcomer } from "./ports.ts";
import { Socket } from "./socket.ts";

/** What all connections of a server share. */
export interface ConnectionContext {
  /** The namespaces. */
  readonly directory: Pick<Directory, "find">;
  /** The formats that a client may speak, the first is the preferred one. */
  readonly parsers: readonly [Parser, ...Parser[]];
  /** How many namespaces one connection may be in. */
  readonly maxNamespaces: number;
  /** How many bytes may be kept of what the client of one connection sent. */
  readonly maxHeldBytes: number;
  /** Told when a connection is in a namespace for the first time, or has ended. */
  settled(connection: Connection): void;
}

/** What stands for a namespace: a socket, one on its way, or none any more but the peer may not know. */
type Entry = Socket | Admission<Socket> | typeof LEFT;

const debug = debugScope("sockeye:connection");
// Milliseconds that a client gets to read one thing before the next is sent. Two are enough on an
// idle machine, but not always: a client that misses its turn misses what the server says first.
const TURN = 10;
// What a client takes in memory that waits to be let in, besides its credentials.
const ADMISSION_COST = 1024;
const LEFT = Symbol("left by the server");
const MAIN = "/";

/** A low-level connection with its sockets, one for each namespace that the client joined. */
export class Connection implements LinkHandler, Applicant<Socket> {
  /** The low-level connection. */
  readonly conn: Link;
  readonly #context: ConnectionContext;
  readonly #publishes: boolean;
  #parser: Parser | undefined;
  #decoder: Decoder | undefined;
  // Most clients are in the main namespace only.
  #main: Entry | undefined;
  #others: Map<string, Entry> | undefined;
  #newcomer: Newcomer | undefined;
  #held = 0;
  // What the credentials of sockets take that are long; few are.
  #credentials: Map<string, number> | undefined;
  #closed = false;

  /**
   * Takes the link, which is to talk to this object, and what connections share.
   *
   * @param publishes whether what the namespaces publish to a topic reaches this link.
   */
  constructor(conn: Link, context: ConnectionContext, publishes: boolean) {
    this.conn = conn;
    this.#context = context;
    this.#publishes = publishes;
  }

  /** The format that the peer speaks; until its first frame, the preferred one. */
  get parser(): Parser {
    return this.#parser ?? this.#context.parsers[0];
  }

  /** Part of {@linkcode Client}. */
  get id(): string {
    return this.conn.id;
  }

  /** The request that opened the connection. */
  get request(): Link["request"] {
    return this.conn.request;
  }

  /** Part of {@linkcode LinkHandler}: decodes a frame and hands the packet on. */
  message(data: Frame): void {
    if (this.#closed) return;
    let packet: Packet | undefined;
    try {
      packet = (this.#decoder ??= this.#chooseDecoder(data)).decode(data);
      if (packet !== undefined && this.conn.protocol === 3) packet = legacyPacket(packet);
    } catch (error) {
      // No socket is there yet to be told: the client is answered as if it had asked to join.
      if (this.#decoder === undefined) this.#refuse(MAIN, messageOf(error));
      for (const entry of this.#entries()) {
        if (entry instanceof Socket) entry.dispatch("error", [error as Error]);
      }
      return this.#fail("parse error", error);
    }
    if (packet === undefined) return;
    const entry = this.#get(packet.nsp);
    if (packet.type === PacketType.Connect) this.#connect(packet.nsp, packet.data, entry);
    else if (entry instanceof Socket && packet.type !== PacketType.ConnectError) {
      entry.receive(packet);
    } else if (entry !== LEFT) {
      // A name that nobody has looked at yet: it may be long, or meant for who reads the log.
      this.#fail("forced server close", `a packet for ${quoted(packet.nsp)}, which is not joined`);
    }
  }

  /** Part of {@linkcode LinkHandler}: the sockets can be reached in another way now. */
  upgraded(): void {
    for (const entry of this.#entries()) if (entry instanceof Socket) entry.refresh();
  }

  /** Part of {@linkcode LinkHandler}: the link has ended. */
  close(reason: CloseReason, details?: CloseDetails): void {
    this.#end(reason, details);
  }

  /** Lets the client join a namespace as if it had asked; for protocol 3, where it need not. */
  connect(namespace: string): void {
    this.#connect(namespace, undefined, undefined);
  }

  /** Ends the connection of a client that joined no namespace in time. */
  expire(): void {
    for (const entry of this.#entries()) if (entry instanceof Admission) entry.expire();
    this.#end("forced server close", { description: "no namespace was joined in time" });
    // On long polling, one that says nothing must not be waited for once more.
    this.conn.close(true);
  }

  /** Part of {@linkcode Client}. */
  sendPacket(packet: Packet): void {
    this.send(this.parser.encode(packet));
  }

  /** Part of {@linkcode Client}. */
  send(message: Message, options?: SendOptions): void {
    if (this.#newcomer !== undefined) this.#pause(this.#newcomer);
    this.conn.send(message, options);
  }

  /** Part of {@linkcode Client}. */
  subscribe(topic: string): boolean {
    return this.#publishes && this.conn.subscribe(topic);
  }

  /** Part of {@linkcode Applicant}. */
  decided(admission: Admission<Socket>, socket: Socket | undefined): void {
    const { namespace, weight } = admission;
    // One that was cancelled must not take the place of the one that came after it.
    if (socket !== undefined || this.#get(namespace) === admission) this.#set(namespace, socket);
    if (socket !== undefined) this.#context.settled(this);
    if (socket === undefined || weight < 2 * ADMISSION_COST) this.hold(-weight);
    else (this.#credentials ??= new Map()).set(namespace, weight);
  }

  /** Part of {@linkcode Client}. */
  greet(newcomer: Newcomer): void {
    if (this.conn.transport.name === "websocket") this.#newcomer = newcomer;
    newcomer.announce();
    this.#newcomer = undefined;
  }

  /** Part of {@linkcode Client}. */
  hold(bytes: number): void {
    this.#held += bytes;
    const { maxHeldBytes } = this.#context;
    if (bytes <= 0 || this.#held <= maxHeldBytes) return;
    this.#fail("forced server close", `more than ${maxHeldBytes} bytes would have to be kept`);
  }

  /** Part of {@linkcode Client}. */
  forget(namespace: string, asked: boolean): void {
    this.#set(namespace, asked ? LEFT : undefined);
    this.hold(-(this.#credentials?.get(namespace) ?? 0));
    this.#credentials?.delete(namespace);
  }

  /** Part of {@linkcode Client}. */
  disconnect(): void {
    for (const entry of this.#entries()) {
      if (entry instanceof Socket) entry.disconnect();
      else if (entry !== LEFT) this.#turnAway(entry);
    }
    // A client that reads both at once hears of the closed connection first, and comes back.
    this.#pause(undefined);
    this.conn.close();
  }

  /** Lets nobody in any more who has only asked; a client that is not told comes back at once. */
  #turnAway(admission: Admission<Socket>): void {
    admission.cancel();
    this.#refuse(admission.namespace, TURNED_AWAY);
  }

  /** Holds back what is sent from now on until the client has had its turn. */
  #pause(newcomer: Newcomer | undefined): void {
    this.#newcomer = undefined;
    const pause = Pause.of(TURN);
    this.conn.send(pause);
    pause.ready?.then(() => newcomer?.refresh());
  }

  #connect(name: string, auth: unknown, entry: Entry | undefined): void {
    if (entry instanceof Socket) {
      return this.#fail("forced server close", `${name} is joined already`);
    }
    if (entry instanceof Admission) entry.cancel(); // the client has changed its mind and asks anew
    if (entry === undefined && this.#isFull()) return this.#refuse(name, "Too many namespaces");
    const weight = ADMISSION_COST + (auth === undefined ? 0 : weightOf(auth));
    this.hold(weight);
    if (this.#closed) return;
    const admission = new Admission<Socket>(this, name, weight);
    this.#set(name, admission);
    const found = this.#context.directory.find(name, auth);
    if (!(found instanceof Promise)) return this.#enter(admission, auth, found);
    found.then((make) => {
      if (admission.cancelled) admission.decide(undefined);
      else this.#enter(admission, auth, make?.());
    });
  }

  #enter(admission: Admission<Socket>, auth: unknown, namespace: Namespace | undefined): void {
    if (namespace !== undefined) return namespace.admit(admission, auth);
    admission.decide(undefined);
    this.#refuse(admission.namespace, "Invalid namespace");
  }

  #refuse(nsp: string, message: string): void {
    if (debug.enabled) this.#log(`refused in ${quoted(nsp)}: ${message}`);
    const data = this.conn.protocol === 3 ? message : { message };
    this.sendPacket({ type: PacketType.ConnectError, nsp, data });
  }

  #chooseDecoder(first: Frame): Decoder {
    const { parsers } = this.#context;
    this.#parser = parsers.length === 1 ? parsers[0] : chooseParser(parsers, first);
    return this.#parser.decoder();
  }

  /** The peer broke the protocol: its sockets end, and then the link. */
  #fail(reason: DisconnectReason, cause: unknown): void {
    this.#end(reason, { description: messageOf(cause), context: cause });
    this.conn.close();
  }

  #end(reason: DisconnectReason, details: CloseDetails | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (debug.enabled) this.#log(`ended: ${reason} ${details?.description ?? ""}`);
    for (const entry of this.#entries()) {
      if (entry instanceof Socket) entry.closed(reason, details);
      else if (entry !== LEFT) entry.cancel();
    }
    this.#main = undefined;
    this.#others = undefined;
    this.#decoder?.close?.();
    this.#context.settled(this);
  }

  #log(what: string): void {
    debug.log(`${this.conn.remoteAddress} ${what}`);
  }

  #isFull(): boolean {
    const { maxNamespaces } = this.#context;
    if (this.#others === undefined || this.#others.size < maxNamespaces) return false;
    for (const [name, entry] of this.#others) if (entry === LEFT) this.#others.delete(name);
    return this.#others.size >= maxNamespaces;
  }

  #entries(): Entry[] {
    const others = [...this.#others?.values() ?? []];
    return this.#main === undefined ? others : [this.#main, ...others];
  }

  #get(namespace: string): Entry | undefined {
    return namespace === MAIN ? this.#main : this.#others?.get(namespace);
  }

  #set(namespace: string, entry: Entry | undefined): void {
    if (this.#closed) return;
    if (namespace === MAIN) this.#main = entry;
    else if (entry !== undefined) (this.#others ??= new Map()).set(namespace, entry);
    else this.#others?.delete(namespace);
  }
}

showConnection(Connection);
