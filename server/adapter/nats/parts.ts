import { encodeValue } from "../../../parser/msgpack/mod.ts";
import { later } from "../background.ts";
import { ClusterError, type ClusterMessage, type MessageOf, MessageType } from "../cluster/mod.ts";
import type { SocketDetails } from "../mod.ts";

/** The answer of a server that says which sockets it has. */
export type SocketsAnswer = MessageOf<typeof MessageType.FetchSocketsResponse>;

/** What a part of an answer says besides what the answer does. */
interface Part {
  /** Its number, from 0. */
  readonly part: number;
  /** How many there are. */
  readonly parts: number;
}

interface Collected {
  readonly parts: Map<number, readonly unknown[]>;
  readonly count: number;
  bytes: number;
  timer: ReturnType<typeof setTimeout>;
}

const MAX_PARTS = 10_000;
const MAX_BYTES = 256 << 20;
const MAX_PENDING = 1000;
const TIMEOUT = 10_000;

/** What may be missing of a socket that is too large, in the order in which it is left out. */
const LESS:
  readonly (readonly [what: string, without: (socket: SocketDetails) => SocketDetails])[] = [
    ["data", (socket) => ({ ...socket, data: undefined })],
    ["data and auth", (socket) => ({
      ...socket,
      data: undefined,
      handshake: { ...socket.handshake as object, auth: {} },
    })],
  ];

/** Whether a message may be sent in parts. */
export function isDivisible(message: ClusterMessage): message is SocketsAnswer {
  return message.type === MessageType.FetchSocketsResponse;
}

/**
 * Divides an answer so that no part has more than `max` bytes.
 *
 * @param failed told of each socket of which something has to be left out.
 */
export function divide(
  message: SocketsAnswer,
  max: number,
  failed: (error: ClusterError) => void,
): Uint8Array[] {
  // A list of many has up to four bytes more around it than an empty one.
  const room = max - encodePart(message, [], { part: MAX_PARTS, parts: MAX_PARTS }).length - 4;
  const lists: SocketDetails[][] = [];
  let left = 0;
  for (const socket of message.data.sockets) {
    const [fitting, size] = reduce(socket, room, failed);
    if (fitting === undefined) continue;
    if (size > left || lists.length === 0) {
      lists.push([]);
      left = room;
    }
    lists.at(-1)?.push(fitting);
    left -= size;
  }
  if (lists.length === 0) lists.push([]);
  if (lists.length > MAX_PARTS) {
    throw new TypeError(
      `Cannot send sockets: there are more than ${MAX_PARTS} messages of ${max} bytes hold`,
    );
  }
  return lists.map((sockets, part) => encodePart(message, sockets, { part, parts: lists.length }));
}

/** Puts answers together again. */
export class Parts {
  readonly #failed: (error: ClusterError) => void;
  readonly #pending = new Map<string, Collected>();
  #bytes = 0;

  constructor(failed: (error: ClusterError) => void) {
    this.#failed = failed;
  }

  /**
   * Takes what came. Returns it if it is whole, or the whole answer with its last part, and
   * `undefined` as long as something is missing.
   *
   * @param size how many bytes it had.
   * @throws {ClusterError} if no server would have sent it, or too much waits for other parts.
   */
  take(message: unknown, size: number): unknown {
    if (!isPart(message)) return message;
    const { uid, data } = message;
    const { requestId, sockets, part, parts } = data;
    if (!isNumber(parts, MAX_PARTS + 1) || !isNumber(part, parts) || !Array.isArray(sockets)) {
      throw new ClusterError("Cannot read what came by NATS: it is no part of an answer");
    }
    const key = `${uid} ${requestId}`;
    const answer = this.#collect(key, part, parts, sockets, size);
    return answer === undefined ? undefined : { ...message, data: { requestId, sockets: answer } };
  }

  /** Forgets all. */
  close(): void {
    for (const key of this.#pending.keys()) this.#forget(key);
  }

  #collect(
    key: string,
    part: number,
    parts: number,
    sockets: readonly unknown[],
    size: number,
  ): readonly unknown[] | undefined {
    const collected = this.#pending.get(key) ?? this.#begin(key, parts);
    if (collected.count !== parts || collected.parts.has(part)) return undefined;
    if (this.#bytes + size > MAX_BYTES) {
      this.#forget(key);
      throw new ClusterError(
        `Cannot read an answer with sockets: its ${parts} parts are more than may wait`,
      );
    }
    collected.parts.set(part, sockets);
    collected.bytes += size;
    this.#bytes += size;
    if (collected.parts.size < parts) {
      clearTimeout(collected.timer);
      collected.timer = this.#timer(key);
      return undefined;
    }
    this.#forget(key);
    return [...collected.parts].sort(([a], [b]) => a - b).flatMap(([, sockets]) => sockets);
  }

  #begin(key: string, parts: number): Collected {
    if (this.#pending.size >= MAX_PENDING) {
      throw new ClusterError("Cannot read an answer with sockets: too many wait for their parts");
    }
    const collected: Collected = {
      parts: new Map(),
      count: parts,
      bytes: 0,
      timer: this.#timer(key),
    };
    this.#pending.set(key, collected);
    return collected;
  }

  #timer(key: string): ReturnType<typeof setTimeout> {
    return later(() => {
      const collected = this.#pending.get(key);
      this.#forget(key);
      if (collected === undefined) return;
      const { parts: { size }, count } = collected;
      this.#failed(
        new ClusterError(
          `Cannot read an answer with sockets: only ${size} of its ${count} parts came`,
        ),
      );
    }, TIMEOUT);
  }

  #forget(key: string): void {
    const collected = this.#pending.get(key);
    if (collected === undefined) return;
    clearTimeout(collected.timer);
    this.#pending.delete(key);
    this.#bytes -= collected.bytes;
  }
}

function encodePart(
  { data: { requestId }, ...message }: SocketsAnswer,
  sockets: readonly SocketDetails[],
  part: Part,
): Uint8Array {
  return encodeValue({ ...message, data: { requestId, sockets, ...part } });
}

/** The socket, or as much of it as there is room for, and how many bytes that has. */
function reduce(
  socket: SocketDetails,
  room: number,
  failed: (error: ClusterError) => void,
): [fitting: SocketDetails | undefined, size: number] {
  const full = encodeValue(socket).length;
  if (full <= room) return [socket, full];
  const tell = (missing: string) =>
    failed(
      new ClusterError(
        `Cannot tell other servers all of socket "${socket.id}": it has ${full} bytes, and one message of NATS has room for ${
          Math.max(room, 0)
        }, so they get it without ${missing}`,
      ),
    );
  for (const [what, without] of LESS) {
    const smaller = without(socket);
    const { length } = encodeValue(smaller);
    if (length > room) continue;
    tell(what);
    return [smaller, length];
  }
  failed(
    new ClusterError(
      `Cannot tell other servers of socket "${socket.id}": it has ${full} bytes, and one message of NATS has room for ${
        Math.max(room, 0)
      }`,
    ),
  );
  return [undefined, 0];
}

function isPart(message: unknown): message is {
  readonly uid: unknown;
  readonly data: Readonly<Record<string, unknown>>;
} {
  const { type, data } = (message ?? {}) as { readonly type?: unknown; readonly data?: unknown };
  return type === MessageType.FetchSocketsResponse && typeof data === "object" && data !== null &&
    "parts" in data;
}

function isNumber(value: unknown, end: number): value is number {
  return Number.isSafeInteger(value) && value as number >= 0 && value as number < end;
}
