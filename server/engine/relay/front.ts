import { declaredLength } from "../body.ts";
import { backgroundClock, Deadlines, MAX_DELAY } from "../deadlines.ts";
import { idleSeconds } from "../handler.ts";
import type { ResolvedOptions } from "../options.ts";
import { badRequest, Rejection, RejectionCode } from "../rejection.ts";
import type { Runtime } from "../runtime.ts";
import { FrontSocket, type FrontSocketSettings, watchSlow } from "./front_socket.ts";
import type { Mail } from "./mail.ts";
import type { OwnerMessage } from "./message.ts";
import type { Pending, Refuse } from "./pending.ts";
import { headersOf } from "./relayed_request.ts";
import { withinASecond } from "./within.ts";

type Reply = Extract<OwnerMessage, { is: "reply" }>;
type UpgradeMessage = Extract<OwnerMessage, { is: "upgrade" }>;

// An owner that lives answers at once, unless the way to it is bad. Clients of one that is gone begin
// anew after that.
const TAKEN_WITHIN = 3000;
const MARGIN = 2000;
const PATIENCE = 1000;
// A longer body waits until somebody takes the request: what is for nobody must not fill the bus.
const SHORT = 16 * 1024;
const NOTHING = new Uint8Array();
// Whoever makes ids up must not fill memory with questions that nobody answers.
const MAX_QUESTIONS = 10_000;

/** A WebSocket whose session another server has. */
interface Held {
  readonly owner: string;
  readonly socket: FrontSocket;
}

/** Hands requests on to the servers that have their sessions. */
export class Front {
  readonly #mail: Mail;
  readonly #options: ResolvedOptions;
  readonly #refuse: Refuse;
  readonly #pending = new Map<number, Pending>();
  readonly #sockets = new Map<number, Held>();
  // An owner that lives says something now and then, at least a ping.
  readonly #quiet: Deadlines<Held>;
  readonly #socketSettings: FrontSocketSettings;
  // Those that nobody has taken yet, and those that somebody has.
  readonly #asked = new Deadlines<Pending>(
    TAKEN_WITHIN,
    (pending) => this.#unknown(pending),
    backgroundClock,
  );
  readonly #taken: Deadlines<Pending>;
  // On Deno it costs as much as a request to ask whether its client is gone.
  readonly #patient = new Deadlines<Pending>(
    PATIENCE,
    (pending) => this.#watch(pending),
    backgroundClock,
  );
  // Owners that have answered: what others make up does not keep anybody from asking them.
  readonly #known = new Set<string>();
  #lastId = 0;

  constructor(mail: Mail, options: ResolvedOptions, refuse: Refuse) {
    const { pingInterval, pingTimeout, httpRequestBodyTimeout, upgradeTimeout } = options;
    this.#mail = mail;
    this.#options = options;
    this.#refuse = refuse;
    this.#socketSettings = {
      maxPayload: options.maxHttpBufferSize,
      maxBackpressure: options.maxBackpressure,
      slow: watchSlow(),
    };
    const quiet = Math.max(pingInterval + pingTimeout, upgradeTimeout) + MARGIN;
    this.#quiet = new Deadlines<Held>(
      Math.min(quiet, MAX_DELAY),
      ({ socket }) => socket.fail("the server of the session is gone"),
      backgroundClock,
    );
    // No answer takes longer: the poll of a client gets a ping.
    const longest = Math.max(pingInterval + pingTimeout, httpRequestBodyTimeout) + MARGIN;
    this.#taken = new Deadlines<Pending>(
      Math.min(longest, MAX_DELAY),
      (pending) => this.#unknown(pending),
      backgroundClock,
    );
  }

  /** How many requests and WebSockets are handed on. */
  get size(): number {
    return this.#pending.size + this.#sockets.size;
  }

  /** Answers a request for a session of another server. */
  forward(request: Request, runtime: Runtime, owner: string): Response | Promise<Response> {
    if (this.#asked.size >= MAX_QUESTIONS && !this.#known.has(owner)) {
      return this.#refuse(request, runtime, unknownSession());
    }
    const { promise, resolve } = Promise.withResolvers<Response>();
    this.#ask(request, runtime, owner, promise, resolve);
    return promise;
  }

  /** Takes what an owner has said. */
  receive(owner: string, message: OwnerMessage): void {
    const { id } = message;
    if (message.is === "frame" || message.is === "close") {
      const found = this.#sockets.get(id);
      if (found?.owner !== owner) return;
      if (message.is === "frame") {
        this.#quiet.add(found);
        return found.socket.send(message.number, message.data, message.compress);
      }
      this.#drop(id);
      return found.socket.end(message.code, message.reason, message.now);
    }
    const pending = this.#pending.get(id);
    if (pending?.owner !== owner) return this.#tooLate(owner, message);
    if (message.is === "taken") this.#wait(pending);
    else if (message.is === "reply") this.#reply(pending, message);
    else this.#upgrade(pending, message);
  }

  /** Has the polls answered that wait. Resolves once they are, or a second later. */
  release(): Promise<void> {
    const polls = [...this.#pending.values()].filter(({ waits }) => waits);
    for (const { owner, id } of polls) this.#mail.ask(owner, { is: "released", id });
    return withinASecond(Promise.all(polls.map(({ answered }) => answered)));
  }

  /** Lets go of all requests and WebSockets. */
  close(): void {
    for (const pending of [...this.#pending.values()]) {
      this.#mail.ask(pending.owner, { is: "aborted", id: pending.id });
      this.#settle(pending, new Response(null, { status: 503 }));
    }
    for (const { socket } of [...this.#sockets.values()]) socket.fail("server shutting down");
    const { slow } = this.#socketSettings;
    for (const list of [this.#asked, this.#taken, this.#patient, this.#quiet, slow]) list.clear();
  }

  #ask(
    request: Request,
    runtime: Runtime,
    owner: string,
    answered: Promise<Response>,
    resolve: Pending["resolve"],
  ): void {
    const id = ++this.#lastId;
    const { method, url } = request;
    const body = method === "GET" || method === "HEAD" ? null : request.body;
    const abort = () => this.#aborted(pending);
    const pending: Pending = {
      id,
      owner,
      request,
      runtime,
      answered,
      resolve,
      abort,
      body,
      waits: false,
      stop: undefined,
      signal: undefined,
    };
    this.#pending.set(id, pending);
    this.#asked.add(pending);
    const headers = [...request.headers];
    const address = runtime.remoteAddress?.(request) ?? "";
    const hasBody = body !== null;
    this.#mail.ask(owner, { is: "request", id, method, url, headers, address, hasBody });
    if ((declaredLength(request) ?? Infinity) <= SHORT) void this.#pump(pending);
  }

  /** Hands a body on as it comes. */
  async #pump(pending: Pending): Promise<void> {
    const { id, owner, request, body } = pending;
    if (body === null) return;
    pending.body = null;
    const declared = declaredLength(request);
    const send = (number: number, data: Uint8Array, last: boolean) =>
      this.#mail.ask(owner, { is: "part", id, number, data, last });
    let length = 0;
    try {
      // Throws if the program has read it.
      const reader = body.getReader();
      pending.stop = () => void reader.cancel().catch(() => {});
      // Of what is too long, no more than shows that it is.
      for (let number = 0; length <= this.#options.maxHttpBufferSize; number++) {
        const { done, value = NOTHING } = await reader.read();
        if (!this.#pending.has(id)) return;
        length += value.length;
        const last = done || length === declared;
        send(number, value, last);
        if (last) return;
      }
    } catch {
      if (this.#pending.has(id)) this.#aborted(pending);
    }
  }

  /** The client has been told something else: the owner must not wait for its WebSocket. */
  #tooLate(owner: string, { is, id }: OwnerMessage): void {
    if (is !== "upgrade") return;
    const reason = "nobody waits for the WebSocket any more";
    this.#mail.ask(owner, { is: "closed", id, code: 1006, reason, failed: true });
  }

  #wait(pending: Pending): void {
    if (this.#known.size < MAX_QUESTIONS) this.#known.add(pending.owner);
    if (!this.#asked.delete(pending)) return;
    this.#taken.add(pending);
    void this.#pump(pending);
    const { request, runtime } = pending;
    // Nothing of a request that becomes a WebSocket may be touched.
    if (request.method !== "GET" || request.headers.has("upgrade")) return;
    pending.waits = true;
    runtime.limitIdleTime?.(request, 0);
    if (runtime.abortDelay === 0) this.#watch(pending);
    else this.#patient.add(pending);
  }

  #watch(pending: Pending): void {
    const { signal } = pending.request;
    pending.signal = signal;
    if (signal.aborted) this.#aborted(pending);
    else signal.addEventListener("abort", pending.abort);
  }

  #aborted(pending: Pending): void {
    this.#mail.ask(pending.owner, { is: "aborted", id: pending.id });
    this.#settle(pending, this.#refusal(pending, badRequest("ABORTED")));
  }

  #reply(pending: Pending, { status, headers, body }: Reply): void {
    try {
      const init = { status, headers: headersOf(headers) };
      this.#settle(pending, new Response((body as string | undefined) ?? null, init));
    } catch {
      // No server sends such a status, or such headers.
      this.#settle(pending, new Response(null, { status: 502 }));
    }
  }

  #upgrade(pending: Pending, { id, headers }: UpgradeMessage): void {
    const { owner, request, runtime } = pending;
    const socket = this.#socket(id, owner);
    const held: Held = { owner, socket };
    this.#sockets.set(id, held);
    this.#quiet.add(held);
    const response = runtime.upgrade(request, socket, headers && headersOf(headers));
    if (response === undefined) socket.fail("the request could not be upgraded");
    this.#settle(
      pending,
      response ?? this.#refusal(pending, badRequest("TRANSPORT_HANDSHAKE_ERROR")),
    );
  }

  #socket(id: number, owner: string): FrontSocket {
    return new FrontSocket({
      opened: () => this.#mail.ask(owner, { is: "opened", id }),
      frame: (number, data) => this.#mail.ask(owner, { is: "frame", id, number, data }),
      buffered: (bytes) => this.#mail.ask(owner, { is: "buffered", id, bytes }),
      closed: (code, reason, failed) => {
        this.#drop(id);
        this.#mail.ask(owner, { is: "closed", id, code, reason, failed });
      },
    }, this.#socketSettings);
  }

  #drop(id: number): void {
    const held = this.#sockets.get(id);
    if (held === undefined) return;
    this.#sockets.delete(id);
    this.#quiet.delete(held);
  }

  #unknown(pending: Pending): void {
    // It may still come to know of the request, and must not say anything to nobody then.
    this.#mail.ask(pending.owner, { is: "aborted", id: pending.id });
    this.#settle(pending, this.#refusal(pending, unknownSession()));
  }

  #refusal({ request, runtime }: Pending, rejection: Rejection): ReturnType<Refuse> {
    return this.#refuse(request, runtime, rejection);
  }

  #settle(pending: Pending, response: Response | Promise<Response>): void {
    const { id, request, runtime, resolve, abort } = pending;
    if (!this.#pending.delete(id)) return;
    pending.stop?.();
    this.#asked.delete(pending);
    this.#patient.delete(pending);
    pending.signal?.removeEventListener("abort", abort);
    this.#taken.delete(pending);
    if (pending.waits) runtime.limitIdleTime?.(request, idleSeconds(this.#options));
    resolve(response);
  }
}

function unknownSession(): Rejection {
  return new Rejection(RejectionCode.SessionUnknown);
}
