import type { Query } from "./query.ts";
import { Rejection, RejectionCode } from "./rejection.ts";
import type { TransportName } from "./transport.ts";

/** What is to be checked about a request. */
export interface Claim {
  /** Its query. */
  readonly query: Query;
  /** Its method. */
  readonly method: string;
  /** Its `Origin` header. */
  readonly origin: string | null;
  /** Whether it asks to become a WebSocket. */
  readonly upgrade: boolean;
}

/** What there is to check it against. */
export interface Rules<Session> {
  /** The transports that are enabled. */
  readonly transports: readonly string[];
  /** The live sessions by id. */
  readonly sessions: ReadonlyMap<string, Session>;
}

// Visible characters of ISO 8859-1, and the two kinds of white space that a value may have.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Checks a request as far as the session that it names, which is returned, or `undefined` if it
 * names none and so asks for a new one.
 */
export function verify<Session extends { readonly transport: { readonly name: TransportName } }>(
  claim: Claim,
  rules: Rules<Session>,
): Session | Rejection | undefined {
  const { query, origin } = claim;
  // WebTransport sessions do not come as requests.
  if (
    query.transport === undefined || query.transport === "webtransport" ||
    !rules.transports.includes(query.transport)
  ) {
    return new Rejection(RejectionCode.TransportUnknown, { transport: query.transport });
  }
  if (origin !== null && !HEADER_VALUE.test(origin)) {
    return new Rejection(RejectionCode.BadRequest, { name: "INVALID_ORIGIN", origin });
  }
  if (query.sid === undefined || query.sid === "") return verifyHandshake(claim);
  const session = rules.sessions.get(query.sid);
  if (session === undefined) {
    return new Rejection(RejectionCode.SessionUnknown, { sid: query.sid });
  }
  const fits = claim.upgrade
    ? query.transport === "websocket"
    : query.transport === session.transport.name && query.transport === "polling";
  return fits ? session : new Rejection(RejectionCode.BadRequest, {
    name: "TRANSPORT_MISMATCH",
    transport: query.transport,
    previousTransport: session.transport.name,
  });
}

/** Checks the protocol version of a handshake, the last thing that is checked about it. */
export function verifyProtocol(
  query: Query,
  { allowEIO3 }: { readonly allowEIO3: boolean },
): Rejection | undefined {
  if (query.EIO === "4" || (query.EIO === "3" && allowEIO3)) return undefined;
  return new Rejection(RejectionCode.UnsupportedProtocol, { protocol: protocolOf(query) });
}

/** As from npm engine.io, who says nothing asks for the third. */
function protocolOf({ EIO }: Query): number {
  return EIO !== undefined && /^\d{1,3}$/.test(EIO) ? Number(EIO) : 3;
}

function verifyHandshake({ method, query, upgrade }: Claim): Rejection | undefined {
  if (method !== "GET") return new Rejection(RejectionCode.BadHandshakeMethod, { method });
  if ((query.transport === "websocket") !== upgrade) {
    return new Rejection(RejectionCode.BadRequest, { name: "TRANSPORT_HANDSHAKE_ERROR" });
  }
  return undefined;
}
