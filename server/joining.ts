import { backgroundClock, Deadlines } from "./engine/deadlines.ts";
import type { Connection } from "./namespace/mod.ts";

/** The connections that are in no namespace yet. Those that join none in time are ended. */
export class Joining {
  // The first is for those who come now. One behind it is of an earlier timeout.
  #lists: [Deadlines<Connection>, ...Deadlines<Connection>[]];
  #timeout: number;

  /** Takes the time that a connection has, in milliseconds. */
  constructor(timeout: number) {
    this.#timeout = timeout;
    this.#lists = [deadlines(timeout)];
  }

  /** The time that a connection has, in milliseconds. */
  get timeout(): number {
    return this.#timeout;
  }

  /** Sets the time for those who come from now on. */
  set timeout(timeout: number) {
    this.#timeout = timeout;
    this.#lists = [deadlines(timeout), ...this.#lists.filter(({ size }) => size > 0)];
  }

  /** Gives a connection its time. */
  add(connection: Connection): void {
    this.#lists[0].add(connection);
  }

  /** Expects nothing of a connection any more. */
  delete(connection: Connection): void {
    for (const list of this.#lists) if (list.delete(connection)) return;
  }

  /** Expects nothing of any connection any more. */
  clear(): void {
    for (const list of this.#lists) list.clear();
  }
}

function deadlines(timeout: number): Deadlines<Connection> {
  return new Deadlines(timeout, (connection) => connection.expire(), backgroundClock);
}
