import type { Frame } from "../../../parser/engine/mod.ts";

/*
 * What servers say to each other about a request that came to one, the front, for a session of
 * another, the owner:
 *
 *   front                          owner
 *     | -- request, part ... ------> |
 *     | <----------------- taken --- |   at once: the owner lives
 *     | <----------------- reply --- |   a poll may wait for long
 *     |                              |   or, for a WebSocket:
 *     | <--------------- upgrade --- |
 *     | -- opened -----------------> |
 *     | <-> frame 0, 1, 2 ... <----> |   each way with numbers of its own
 *     | -- buffered ---------------> |   what waits for a client that does not read
 *     | <-> closed <---------------> |
 */

/** The fields of a header, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What the front says. */
export type FrontMessage =
  | {
    readonly is: "request";
    readonly id: number;
    readonly method: string;
    readonly url: string;
    readonly headers: HeaderList;
    /** Whether a body follows. */
    readonly hasBody: boolean;
    readonly address: string;
  }
  /** A part of the body; the last may be empty. */
  | {
    readonly is: "part";
    readonly id: number;
    readonly number: number;
    readonly data: Uint8Array;
    readonly last: boolean;
  }
  /** The front is about to close: the poll is to be answered now, by a noop if there is no more. */
  | { readonly is: "released"; readonly id: number }
  /** The client is gone. */
  | { readonly is: "aborted"; readonly id: number }
  | { readonly is: "opened"; readonly id: number }
  | { readonly is: "frame"; readonly id: number; readonly number: number; readonly data: Frame }
  | { readonly is: "buffered"; readonly id: number; readonly bytes: number }
  | {
    readonly is: "closed";
    readonly id: number;
    readonly code: number;
    readonly reason: string;
    readonly failed: boolean;
  };

/** What the owner says. */
export type OwnerMessage =
  | { readonly is: "taken"; readonly id: number }
  | {
    readonly is: "reply";
    readonly id: number;
    readonly status: number;
    readonly headers: HeaderList;
    readonly body?: Uint8Array;
  }
  | { readonly is: "upgrade"; readonly id: number; readonly headers?: HeaderList }
  | {
    readonly is: "frame";
    readonly id: number;
    readonly number: number;
    readonly data: Frame;
    readonly compress: boolean;
  }
  | {
    readonly is: "close";
    readonly id: number;
    readonly code?: number;
    readonly reason?: string;
    readonly now: boolean;
  };

/** What travels: what one server has said to another in one turn. */
export interface Batch {
  /** The id of the server that says it. */
  readonly from: string;
  /** Messages of a front, which are for the owner. */
  readonly asked: readonly FrontMessage[];
  /** Messages of an owner, which are for the front. */
  readonly answered: readonly OwnerMessage[];
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && value as number >= 0;
const isFlag: Check = (value) => typeof value === "boolean";
const isData: Check = (value) => value instanceof Uint8Array;
const isFrame: Check = (value) => isText(value) || isData(value);
const isHeaders: Check = (value) =>
  Array.isArray(value) &&
  value.every((field) => Array.isArray(field) && field.length === 2 && field.every(isText));
const optional = (check: Check): Check => (value) => value === undefined || check(value);

type Form = Readonly<Record<string, Check>>;

const FRONT_FORMS: Readonly<Record<string, Form>> = {
  request: {
    method: isText,
    url: isText,
    headers: isHeaders,
    hasBody: isFlag,
    address: isText,
  },
  part: { number: isCount, data: isData, last: isFlag },
  released: {},
  aborted: {},
  opened: {},
  frame: { number: isCount, data: isFrame },
  buffered: { bytes: isCount },
  closed: { code: isCount, reason: isText, failed: isFlag },
};

const OWNER_FORMS: Readonly<Record<string, Form>> = {
  taken: {},
  reply: { status: isCount, headers: isHeaders, body: optional(isData) },
  upgrade: { headers: optional(isHeaders) },
  frame: { number: isCount, data: isFrame, compress: isFlag },
  close: { code: optional(isCount), reason: optional(isText), now: isFlag },
};

/**
 * Checks what came from another server.
 *
 * @throws {TypeError} if none would have sent it.
 */
export function readBatch(value: unknown): Batch {
  const { from, asked, answered } = Object(value) as Partial<Record<keyof Batch, unknown>>;
  const fits = isText(from) && areOf(asked, FRONT_FORMS) && areOf(answered, OWNER_FORMS);
  if (!fits) throw new TypeError("Cannot read relayed message: it has not the form of one");
  return value as Batch;
}

function areOf(list: unknown, forms: Readonly<Record<string, Form>>): boolean {
  return Array.isArray(list) && list.every((item) => isOf(item, forms));
}

function isOf(item: unknown, forms: Readonly<Record<string, Form>>): boolean {
  if (typeof item !== "object" || item === null) return false;
  const fields = item as Readonly<Record<string, unknown>>;
  const form = isText(fields["is"]) && Object.hasOwn(forms, fields["is"] as string)
    ? forms[fields["is"] as string]
    : undefined;
  if (form === undefined || !isCount(fields["id"])) return false;
  return Object.entries(form).every(([name, check]) => check(fields[name]));
}
