import { decodeValue } from "../../../parser/msgpack/mod.ts";
import { ClusterError, EMITTER_UID, type Receiver } from "../cluster/mod.ts";
import { reasonOf } from "../cluster/reason.ts";
import type { Attachments } from "./attachments.ts";

/** A message, or what stands for it. */
type Entry = { readonly message: unknown } | { readonly attachmentId: string };

// Each has 8,000 bytes at most.
const MAX_WAITING = 10_000;

const MAX_BATCH = 16;

/** Reads what was notified, in order, although attachments take a while. */
export class Inbox {
  readonly #attachments: Attachments;
  readonly #receiver: Receiver;
  readonly #own: string;
  #waiting: Entry[] = [];
  #reading = false;
  #closed = false;

  constructor(attachments: Attachments, receiver: Receiver) {
    this.#attachments = attachments;
    this.#receiver = receiver;
    // Everything comes back to its sender, who need not read it.
    this.#own = `{"uid":${JSON.stringify(receiver.uid)},`;
  }

  /** Takes a notification. */
  notified(payload: string): void {
    if (payload.startsWith(this.#own)) return;
    try {
      this.#take(toEntry(payload));
    } catch (error) {
      this.#receiver.failed(error);
    }
  }

  /** Hands over nothing more. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #take(entry: Entry): void {
    if (this.#closed) return;
    if (!this.#reading && "message" in entry) return this.#receive(entry.message);
    if (this.#waiting.length >= MAX_WAITING) {
      throw new ClusterError("Cannot receive message: too many still wait for attachments");
    }
    this.#waiting.push(entry);
    if (!this.#reading) this.#read();
  }

  async #read(): Promise<void> {
    this.#reading = true;
    while (this.#waiting.length > 0) {
      const entry = this.#waiting[0]!;
      if ("message" in entry) {
        this.#waiting.shift();
        this.#receive(entry.message);
      } else {
        await this.#readAttachments();
      }
    }
    this.#reading = false;
  }

  /** Those that come first, with one statement. */
  async #readAttachments(): Promise<void> {
    const ids: string[] = [];
    for (const entry of this.#waiting) {
      if ("message" in entry || ids.length === MAX_BATCH) break;
      ids.push(entry.attachmentId);
    }
    const read = await this.#attachments.read(ids).catch((error) => {
      this.#failed(error);
      return undefined;
    });
    // Nothing waits any more if it was closed meanwhile.
    this.#waiting.splice(0, ids.length);
    if (read === undefined) return;
    for (const id of ids) this.#deliver(id, read.get(id));
  }

  #deliver(id: string, payload: Uint8Array | undefined): void {
    if (this.#closed) return;
    try {
      if (payload === undefined) {
        throw new ClusterError(`Cannot read cluster message: its attachment ${id} is gone`);
      }
      this.#receive(decodeValue(payload));
    } catch (error) {
      this.#failed(error);
    }
  }

  #receive(message: unknown): void {
    const { uid, nsp } = (message ?? {}) as { readonly uid?: unknown; readonly nsp?: unknown };
    // Emitters of npm name the namespace by the channel only.
    const known = uid === EMITTER_UID && nsp === undefined;
    this.#receiver.receive(known ? { ...message as object, nsp: this.#receiver.nsp } : message);
  }

  #failed(error: unknown): void {
    if (!this.#closed) this.#receiver.failed(error);
  }
}

function toEntry(payload: string): Entry {
  const message = parse(payload);
  const { attachmentId } = (message ?? {}) as { readonly attachmentId?: unknown };
  if (attachmentId === undefined) return { message };
  // No sequence has come as far as to fill what a bigint has.
  if (/^\d{1,18}$/.test(String(attachmentId))) return { attachmentId: String(attachmentId) };
  throw new ClusterError(
    `Cannot read cluster message: ${JSON.stringify(attachmentId)} is no attachment`,
  );
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch (cause) {
    throw new ClusterError(`Cannot read cluster message: it is no JSON: ${reasonOf(cause)}`, {
      cause,
    });
  }
}
