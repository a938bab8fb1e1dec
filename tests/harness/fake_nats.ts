import type { NatsConnection, NatsMessage } from "../../server/adapter/nats/mod.ts";

type Callback = (error: Error | null, message: NatsMessage) => void;

/** A connection to NATS that notes what is published; the test plays the others. */
export class FakeNats implements NatsConnection {
  readonly info: { readonly max_payload: number };
  /** Subjects and what was published there. */
  readonly published: [subject: string, data: Uint8Array][] = [];
  readonly #heard = new Map<string, Callback>();

  constructor(maxPayload: number = 1 << 20) {
    this.info = { max_payload: maxPayload };
  }

  publish(subject: string, payload: Uint8Array): void {
    this.published.push([subject, payload]);
  }

  subscribe(subject: string, { callback }: { readonly callback: Callback }): {
    unsubscribe(): void;
  } {
    this.#heard.set(subject, callback);
    return { unsubscribe: () => void this.#heard.delete(subject) };
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async *status(): AsyncIterable<{ readonly type: string }> {}

  isClosed(): boolean {
    return false;
  }

  /** Has somebody publish. */
  tell(subject: string, data: Uint8Array): void {
    this.#heard.get(subject)?.(null, { data });
  }
}
