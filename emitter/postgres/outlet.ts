import { encodeStandardValue } from "../../parser/msgpack/mod.ts";
import type { Command, Outlet } from "../command.ts";
import type { Query } from "./query.ts";

/** Where commands go, and how large one may be. */
export interface Route {
  readonly channelPrefix: string;
  readonly tableName: string;
  readonly payloadThreshold: number;
}

/** A statement, and for what is to be said in one with others, the pair of channel and text. */
interface Parcel {
  readonly said?: string;
  readonly text: string;
  readonly values: unknown[];
}

interface Waiting extends Parcel {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

// The server refuses texts of 8,000 bytes and more. Of the names that servers listen to it reads 63.
const MAX_PAYLOAD = 7999;
const MAX_CHANNEL = 63;

const MAX_BATCH = 100;

const NOTIFY = "SELECT pg_notify($1, $2)";
const NOTIFY_ALL = "SELECT pg_notify(said->>0, said->>1) FROM " +
  "json_array_elements($1::text::json) WITH ORDINALITY AS list(said, n) ORDER BY n";

const utf8 = new TextEncoder();

/** Sends by `NOTIFY`, one statement after the other, since those of a pool overtake each other. */
export class PostgresOutlet implements Outlet {
  readonly #query: Query;
  readonly #route: Route;
  readonly #waiting: Waiting[] = [];
  #busy = false;

  constructor(query: Query, route: Route) {
    this.#query = query;
    this.#route = route;
  }

  send(command: Command, binary: boolean): Promise<void> {
    const parcel = this.#parcel(command, binary);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...parcel, resolve, reject });
      if (!this.#busy) this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, batchLength(this.#waiting));
      const { text, values } = batch.length === 1 ? batch[0]! : together(batch);
      try {
        await this.#query(text, values);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#busy = false;
  }

  #parcel(command: Command, binary: boolean): Parcel {
    const { channelPrefix, tableName, payloadThreshold } = this.#route;
    const channel = channelName(channelPrefix, command.nsp);
    const payload = binary ? undefined : JSON.stringify(command);
    const limit = Math.min(payloadThreshold, MAX_PAYLOAD);
    if (payload !== undefined && !exceeds(payload, limit)) {
      return { text: NOTIFY, values: [channel, payload], said: JSON.stringify([channel, payload]) };
    }
    const { data: _, ...header } = command;
    const start = `${JSON.stringify(header).slice(0, -1)},"attachmentId":"`;
    return {
      text: `WITH added AS (INSERT INTO ${tableName} (payload) VALUES ($1) RETURNING id) ` +
        `SELECT pg_notify($2, $3::text || id || '"}') FROM added`,
      values: [encodeStandardValue(command), channel, start],
    };
  }
}

/** How many of those that wait can go together: of two that are the same, one would be lost. */
function batchLength(waiting: readonly Waiting[]): number {
  const said = new Set<string>();
  for (const parcel of waiting) {
    if (parcel.said === undefined || said.has(parcel.said) || said.size === MAX_BATCH) break;
    said.add(parcel.said);
  }
  return Math.max(1, said.size);
}

function together(batch: readonly Parcel[]): Parcel {
  return { text: NOTIFY_ALL, values: [`[${batch.map(({ said }) => said).join(",")}]`] };
}

function channelName(prefix: string, nsp: string): string {
  const name = `${prefix}#${nsp}`.replaceAll("\0", "\ufffd").toWellFormed();
  const { read } = utf8.encodeInto(name, new Uint8Array(MAX_CHANNEL));
  return name.slice(0, read);
}

function exceeds(text: string, bytes: number): boolean {
  return text.length > bytes || text.length * 3 > bytes && utf8.encode(text).length > bytes;
}
