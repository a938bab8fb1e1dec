import { Message } from "../../parser/engine/mod.ts";
import { payloadCodec, type PollingCodec } from "./codec.ts";
import { backgroundClock, Deadlines } from "./deadlines.ts";
import type { Exchange } from "./exchange.ts";
import { Farewells } from "./farewells.ts";
import { idleSeconds } from "./handler.ts";
import { Heartbeat } from "./heartbeat.ts";
import { LegacyFrames } from "./legacy.ts";
import { legacyCodec } from "./legacy_payload.ts";
import { debug } from "./log.ts";
import { toMessage } from "./message_data.ts";
import type { ResolvedOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { Patience } from "./patience.ts";
import { PollingTransport } from "./polling.ts";
import type { PollingSettings } from "./polling_settings.ts";
import type { Query } from "./query.ts";
import type { RawSocket } from "./runtime.ts";
import { Session } from "./session.ts";
import type { SessionServices } from "./session_services.ts";
import { intern } from "./snapshot.ts";
import { type Queued, queued, type Transport, type TransportName } from "./transport.ts";
import { Turn } from "./turn.ts";
import { refusedSocket, Upgrade, type UpgradeSettings } from "./upgrade.ts";
import { type WebSocketSettings, WebSocketTransport } from "./websocket.ts";

/** What the engine wants to know of its sessions. */
export type SessionHooks =
  & Pick<SessionServices<Session>, "opened" | "ended" | "observed" | "flushed">
  & {
    /** Nothing waits any more for the client of a session that had ended with the server. */
    parted(id: string): void;
  };

const BYTES = legacyCodec(false);
const BASE64 = legacyCodec(true);

// The most widespread first.
const UPGRADES = ["websocket", "webtransport"] as const;
const CLOSE_TIMEOUT = 30_000;
const IMPATIENCE = 10;
const RELEASE_INTERVAL = 100;
const PATIENCE = 1000;

/** Makes the sessions of an engine and keeps what they have in common. */
export class SessionFactory {
  /** What all sessions share. */
  readonly services: SessionServices<Session>;
  /** What all WebSocket transports share. */
  readonly websocket: WebSocketSettings;
  readonly #webtransport: WebSocketSettings;
  readonly #options: ResolvedOptions;
  readonly #polling: PollingSettings;
  readonly #upgrades: UpgradeSettings;
  readonly #openTails: Readonly<Record<TransportName, string>>;
  readonly #initial: Queued | undefined;

  /**
   * @param compressFrom the length from which a WebSocket frame is compressed.
   */
  constructor(options: ResolvedOptions, compressFrom: number, hooks: SessionHooks) {
    const { maxHttpBufferSize: maxPayload, maxBackpressure, reportError } = options;
    this.#options = options;
    const outbox = new Outbox();
    this.websocket = {
      name: "websocket",
      maxPayload,
      maxBackpressure,
      compressFrom,
      outbox,
      reportError,
    };
    this.#webtransport = { ...this.websocket, name: "webtransport", compressFrom: Infinity };
    // Who is closing is not asked any more, but is not waited for longer than who is.
    const silence = options.pingInterval + options.pingTimeout;
    const late = silence < CLOSE_TIMEOUT ? "ping timeout" : "forced close";
    this.services = {
      ...hooks,
      heartbeat: new Heartbeat(options.pingInterval, options.pingTimeout),
      closing: new Deadlines<Session>(
        Math.min(silence, CLOSE_TIMEOUT),
        (session) => session.ended(late),
        backgroundClock,
      ),
      farewells: new Farewells(hooks.parted, reportError),
      blocked: new Set(),
      turn: new Turn(),
      maxBackpressure,
      reportError,
    };
    const interval = Math.max(1, Math.min(PATIENCE, options.httpRequestBodyTimeout));
    this.#polling = {
      maxPayload,
      maxPackets: options.maxPayloadPackets,
      patience: new Patience(interval),
      idleTimeout: idleSeconds(options),
      bodyRounds: Math.ceil(options.httpRequestBodyTimeout / interval) + 1,
      reportError,
    };
    this.#upgrades = {
      timeouts: new Deadlines<Upgrade>(
        options.upgradeTimeout,
        (upgrade) => upgrade.fail(),
        backgroundClock,
      ),
      probed: new Deadlines<Upgrade>(IMPATIENCE, (upgrade) => upgrade.release()),
      releases: new Deadlines<Upgrade>(RELEASE_INTERVAL, (upgrade) => upgrade.release()),
    };
    this.#openTails = {
      polling: this.#openTail("polling"),
      websocket: this.#openTail("websocket"),
      webtransport: this.#openTail("webtransport"),
    };
    this.#initial = initialPacket(options);
  }

  /** The transports that a client of this one may move to. */
  upgrades(transport: TransportName): readonly TransportName[] {
    const { allowUpgrades, transports } = this.#options;
    return allowUpgrades && transport === "polling"
      ? UPGRADES.filter((name) => transports.includes(name))
      : [];
  }

  /** Opens a session by long polling. */
  polling(exchange: Exchange, id: string, headers?: Headers): Response {
    const { query } = exchange;
    const codec = codecFor(query);
    const transport = new PollingTransport(this.#polling, codec);
    const session = this.#session(exchange, id, transport);
    const packets = [queued(this.#open(id, "polling"))];
    if (this.#initial !== undefined) packets.push(this.#initial);
    session.opened();
    const { body, type } = codec.encode(packets, query);
    return exchange.welcome(body, type, headers ?? exchange.bare());
  }

  /** Opens a session by a WebSocket. Returns `undefined` if the request cannot become one. */
  websocketSession(exchange: Exchange, id: string, headers?: Headers): Response | undefined {
    const { runtime, request } = exchange;
    const transport = new WebSocketTransport(this.websocket, framesFor(exchange.query));
    this.#session(exchange, id, transport);
    return runtime.upgrade(request, transport, headers);
  }

  /** Begins to move a session to a WebSocket. Returns `undefined` if the request cannot be one. */
  upgrade(exchange: Exchange, session: Session, headers?: Headers): Response | undefined {
    const { runtime, request } = exchange;
    const { transport } = session;
    const free = session.readyState === "open" && !session.upgrading;
    if (!free || !(transport instanceof PollingTransport)) {
      if (debug.enabled) debug.log(`${session.remoteAddress} cannot move to websocket now`);
      return runtime.upgrade(request, refusedSocket, headers);
    }
    const legacy = session.protocol === 3 ? framesFor(exchange.query) : undefined;
    const target = new WebSocketTransport(this.websocket, legacy);
    const upgrade = this.#startUpgrade(session, transport, target);
    const response = runtime.upgrade(request, upgrade, headers);
    if (response === undefined) upgrade.fail();
    return response;
  }

  /** Opens a session by WebTransport. */
  webTransportSession(exchange: Exchange, id: string, socket: RawSocket): void {
    const transport = new WebSocketTransport(this.#webtransport, undefined);
    this.#session(exchange, id, transport);
    socket.handler = transport;
    transport.open(socket);
  }

  /** Begins to move a session to WebTransport. Returns `false` if it cannot move. */
  webTransportUpgrade(session: Session, socket: RawSocket): boolean {
    const { transport, protocol } = session;
    const free = session.readyState === "open" && !session.upgrading && protocol === 4;
    if (!free || !(transport instanceof PollingTransport)) return false;
    const target = new WebSocketTransport(this.#webtransport, undefined);
    const upgrade = this.#startUpgrade(session, transport, target);
    socket.handler = upgrade;
    upgrade.open(socket);
    return true;
  }

  /** Sends what comes first; on long polling it is the body of the handshake. */
  welcome(session: Session): void {
    const { protocol, remoteAddress, transport: { name } } = session;
    if (debug.enabled) debug.log(`${remoteAddress} connected by ${name}, protocol ${protocol}`);
    if (name === "polling") return;
    session.send(this.#open(session.id, name));
    if (this.#initial !== undefined) session.send(this.#initial.message);
  }

  /** Stops all timers. */
  close(): void {
    this.services.heartbeat.clear();
    this.services.closing.clear();
    this.#polling.patience.clear();
    this.#upgrades.timeouts.clear();
    this.#upgrades.probed.clear();
    this.#upgrades.releases.clear();
  }

  #startUpgrade(session: Session, from: PollingTransport, to: WebSocketTransport): Upgrade {
    const upgrade = new Upgrade(session, to, () => from.release(), this.#upgrades);
    session.startUpgrade(upgrade);
    this.#upgrades.timeouts.add(upgrade);
    return upgrade;
  }

  #session(
    { snapshot, query, remoteAddress }: Exchange,
    id: string,
    transport: Transport,
  ): Session {
    const protocol = query.EIO === "3" ? 3 : 4;
    const address = intern(remoteAddress);
    return new Session(id, protocol, snapshot, address, this.services, transport);
  }

  #open(id: string, transport: TransportName): Message {
    return new Message([`0{"sid":${JSON.stringify(id)}${this.#openTails[transport]}`]);
  }

  #openTail(transport: TransportName): string {
    const { pingInterval, pingTimeout, maxHttpBufferSize } = this.#options;
    const rest = {
      upgrades: this.upgrades(transport),
      pingInterval,
      pingTimeout,
      maxPayload: maxHttpBufferSize,
    };
    return "," + JSON.stringify(rest).slice(1);
  }
}

function codecFor({ EIO, b64 }: Query): PollingCodec {
  if (EIO !== "3") return payloadCodec;
  return b64 === undefined ? BYTES : BASE64;
}

function framesFor({ EIO, b64 }: Query): LegacyFrames | undefined {
  return EIO === "3" ? new LegacyFrames(b64 !== undefined) : undefined;
}

function initialPacket({ initialPacket }: ResolvedOptions): Queued | undefined {
  return initialPacket === undefined || initialPacket === null
    ? undefined
    : queued(toMessage(initialPacket));
}
