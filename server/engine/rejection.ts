/** The codes and texts with which a request is refused. */
export const REJECTIONS: readonly string[] = [
  "Transport unknown",
  "Session ID unknown",
  "Bad handshake method",
  "Bad request",
  "Forbidden",
  "Unsupported protocol version",
];

/** The codes of {@linkcode REJECTIONS}, by name. */
export const RejectionCode = {
  TransportUnknown: 0,
  SessionUnknown: 1,
  BadHandshakeMethod: 2,
  BadRequest: 3,
  Forbidden: 4,
  UnsupportedProtocol: 5,
} as const;

/** One of the values of the constant of the same name. */
export type RejectionCode = typeof RejectionCode[keyof typeof RejectionCode];

/** Why a request is refused. A value, not an error: it is a peer's mistake and none of ours. */
export class Rejection {
  /** The number on the wire. */
  readonly code: RejectionCode;
  /** The text on the wire. */
  readonly message: string;
  /** What else is known, for the event `connection_error`; never sent. */
  readonly context: Readonly<Record<string, unknown>>;

  /** Takes the text of the code, unless another one is given. */
  constructor(
    code: RejectionCode,
    context: Readonly<Record<string, unknown>> = {},
    message: string = REJECTIONS[code] ?? "",
  ) {
    this.code = code;
    this.context = context;
    this.message = message;
  }

  /** The HTTP status: 403 if it is forbidden, 400 otherwise. */
  get status(): number {
    return this.code === RejectionCode.Forbidden ? 403 : 400;
  }

  /** The HTTP body. */
  get body(): string {
    return JSON.stringify({ code: this.code, message: this.message });
  }
}

/** The rejection with the text `Bad request`, and a name that tells its cause apart. */
export function badRequest(name: string, error?: unknown): Rejection {
  return new Rejection(
    RejectionCode.BadRequest,
    error === undefined ? { name } : { name, error },
  );
}

/** The rejection of a client whose address has as many connections as it may have. */
export function tooMany(): Rejection {
  return new Rejection(
    RejectionCode.Forbidden,
    { name: "TOO_MANY_CONNECTIONS" },
    "Too many connections",
  );
}
