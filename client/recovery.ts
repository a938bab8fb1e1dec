/** What a socket remembers of its session, to ask the server for what it misses. */
export class Recovery {
  #pid: string | undefined;
  #offset: string | undefined;

  /** The fields to send when the namespace is joined again, if there are any. */
  get claim(): object | undefined {
    return this.#pid ? { pid: this.#pid, offset: this.#offset } : undefined;
  }

  /** The namespace is joined. Returns whether the session is the one of before. */
  joined(pid: string | undefined): boolean {
    const recovered = pid !== undefined && pid === this.#pid;
    if (!recovered) this.#offset = undefined;
    this.#pid = pid;
    return recovered;
  }

  /** An event came; a server that keeps sessions puts its offset behind the arguments. */
  heard(event: readonly unknown[]): void {
    const last = event.at(-1);
    if (this.#pid && event.length > 1 && typeof last === "string") this.#offset = last;
  }

  /** The session has ended. */
  forget(): void {
    this.#pid = this.#offset = undefined;
  }
}
