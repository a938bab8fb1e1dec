import { later } from "../background.ts";
import type { ClusterBus } from "./bus.ts";
import type { Exchange } from "./exchange.ts";
import { EMITTER_UID } from "./message.ts";
import type { Expected } from "./requests.ts";

// Milliseconds by which the timer of a server is late that has done something else for long.
const LATE = 100;

/** Who is told of the answers to a broadcast. */
export interface AckListener {
  /** Told how many sockets a server has asked; below 0, how many of them will not answer any more. */
  clientCount(count: number): void;
  /** Told each answer. */
  ack(response: readonly unknown[]): void;
}

interface AckRequest extends AckListener {
  /** Whether nobody else ends it. */
  readonly isEndless: boolean;
  /** How many sockets of each server are still to answer. */
  readonly open: Map<string, number>;
  /** The servers that have said how many sockets they asked, or are gone. */
  readonly told: Set<string>;
  /** Those that were waited for long enough. What they say later counts all the same. */
  readonly excused: Set<string>;
  /** Who is to say so, as far as that is known. */
  others: Expected;
  /** The servers that were not found when they were looked for. */
  missed: ReadonlySet<string>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The broadcasts that sockets of other servers are to answer. */
export class AckRequests {
  readonly #exchange: Pick<Exchange, "others" | "timeout">;
  readonly #bus: Pick<ClusterBus, "hears">;
  readonly #pending = new Map<string, AckRequest>();

  /** Takes what knows of the other servers. */
  constructor(exchange: Pick<Exchange, "others" | "timeout">, bus: Pick<ClusterBus, "hears">) {
    this.#exchange = exchange;
    this.#bus = bus;
  }

  /**
   * Waits for answers to what is sent now.
   *
   * @param timeout after how long the caller ends that. If it never does, servers are looked for.
   * @returns a function that ends it.
   */
  add(id: string, { clientCount, ack }: AckListener, timeout: number | undefined): () => void {
    const request: AckRequest = {
      ...{ clientCount, ack, isEndless: timeout === undefined, timer: undefined },
      ...{ open: new Map(), told: new Set(), excused: new Set(), others: 0, missed: new Set() },
    };
    this.#pending.set(id, request);
    if (timeout === undefined) {
      this.#watch(id, request);
      this.#count(request);
    }
    return () => {
      clearTimeout(request.timer);
      this.#pending.delete(id);
    };
  }

  /** A server has said how many of its sockets it asked, or that some of them are gone. */
  counted(id: string, uid: string, count: number): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    const { told, open } = request;
    const known = open.get(uid) ?? 0;
    // A broker may say everything twice, and who was taken for gone may come back.
    if (told.has(uid) && (count >= 0 || known <= 0)) return;
    if (count >= 0) told.add(uid === EMITTER_UID ? nameless(told) : uid);
    open.set(uid, known + count);
    request.clientCount(count);
  }

  /** A socket of a server has answered. */
  answered(id: string, uid: string, answer: unknown): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    const open = request.open.get(uid) ?? 0;
    if (request.told.has(uid) && open <= 0) return;
    request.open.set(uid, open - 1);
    request.ack([answer]);
  }

  /** A server is gone, and so are those of its sockets that have not answered. */
  left(uid: string): void {
    for (const request of [...this.#pending.values()]) leave(request, uid);
  }

  /** This server hears the others no more: nobody is waited for. */
  close(): void {
    const requests = [...this.#pending.values()];
    this.#pending.clear();
    for (const request of requests) {
      clearTimeout(request.timer);
      // The others are ended by their timeout.
      if (!request.isEndless) continue;
      for (const uid of [...request.open.keys()]) leave(request, uid);
      excuse(request);
    }
  }

  #count(request: AckRequest): void {
    this.#exchange.others((others) => {
      const known = typeof others === "number" ? Math.max(others, Number(request.others)) : others;
      request.others = known;
    }, () => {}); // who asks counts the servers as well, and so is told of what fails
  }

  #watch(id: string, request: AckRequest, wasBusy: boolean = false): void {
    const { timeout } = this.#exchange;
    const due = Date.now() + timeout;
    request.timer = later(async () => {
      // A server that was busy itself has not read yet what the others have said meanwhile.
      const isBusy = !wasBusy && Date.now() - due > LATE;
      if (!isBusy) {
        excuse(request);
        // Who asks may have counted more, where one came meanwhile or the broker was away.
        if (typeof request.others === "number") this.#count(request);
        // The next search comes a while after this one, however long the broker took to answer.
        await this.#search(id, request);
      }
      if (this.#pending.has(id)) this.#watch(id, request, isBusy);
    }, timeout);
  }

  /** Looks for the servers whose sockets are to answer. One that is missed twice is gone. */
  async #search(id: string, request: AckRequest): Promise<void> {
    if (this.#bus.hears === undefined) return;
    const awaited = [...request.open].filter(([uid, count]) => count > 0 && uid !== EMITTER_UID);
    const { missed } = request;
    const found = await Promise.all(awaited.map(async ([uid]) => {
      // Where the broker does not answer, nobody is known to be gone.
      const isThere = await this.#bus.hears?.(uid).catch(() => true);
      return isThere === false ? [uid] : [];
    }));
    request.missed = new Set(found.flat());
    for (const uid of request.missed) {
      if (missed.has(uid) && this.#pending.has(id)) leave(request, uid);
    }
  }
}

function leave(request: AckRequest, uid: string): void {
  const { open, told, excused, clientCount, others, isEndless } = request;
  const missing = open.get(uid) ?? 0;
  open.set(uid, Math.min(missing, 0));
  if (missing > 0) return clientCount(-missing);
  // With a timeout it is not known whether there was a socket, which then has not answered in time.
  if (!isEndless || typeof others === "number" || !others.has(uid) || told.has(uid)) return;
  told.add(uid);
  if (!excused.has(uid)) clientCount(0);
}

/** Waits no longer for servers that have not said how many sockets they asked. */
function excuse({ others, told, excused, clientCount }: AckRequest): void {
  if (typeof others === "number") {
    for (let i = told.size; i < others; i++) {
      told.add(nameless(told));
      clientCount(0);
    }
    return;
  }
  for (const uid of others) {
    if (told.has(uid) || excused.has(uid)) continue;
    excused.add(uid);
    clientCount(0);
  }
}

/** A name for a server whose id is not known, as those of npm by Redis pub/sub. */
function nameless(told: ReadonlySet<string>): string {
  return `${EMITTER_UID} ${told.size}`;
}
