import type { Attachments } from "../../server/adapter/postgres/attachments.ts";
import { channelName } from "../../server/adapter/postgres/channel.ts";
import type { Database } from "../../server/adapter/postgres/database.ts";
import type { Settings } from "../../server/adapter/postgres/options.ts";
import { Outbox } from "../../server/adapter/postgres/outbox.ts";
import { encodeMessage } from "../../server/adapter/postgres/payload.ts";
import type { Command, Outlet } from "../command.ts";

interface Line {
  readonly outbox: Outbox;
  pending: number;
}

/** Sends by `NOTIFY`, as the servers do among themselves. */
export class PostgresOutlet implements Outlet {
  readonly #database: Database;
  readonly #attachments: Attachments;
  readonly #settings: Settings;
  // One for each channel on which something is on its way.
  readonly #lines = new Map<string, Line>();

  constructor(database: Database, attachments: Attachments, settings: Settings) {
    this.#database = database;
    this.#attachments = attachments;
    this.#settings = settings;
  }

  send(command: Command, binary: boolean): Promise<void> {
    const payload = encodeMessage(command, binary, this.#settings.payloadThreshold);
    const channel = channelName(this.#settings.channelPrefix, command.nsp);
    const line = this.#lines.get(channel) ?? this.#open(channel);
    line.pending++;
    return line.outbox.send(payload).finally(() => {
      if (--line.pending === 0) this.#lines.delete(channel);
    });
  }

  #open(channel: string): Line {
    const line = { outbox: new Outbox(this.#database, this.#attachments, channel), pending: 0 };
    this.#lines.set(channel, line);
    return line;
  }
}
