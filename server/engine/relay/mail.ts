import type { RelayBus } from "./bus.ts";
import type { Batch, FrontMessage, OwnerMessage } from "./message.ts";

interface Letter {
  readonly asked: FrontMessage[];
  readonly answered: OwnerMessage[];
}

/** Sends what is said to each server in one turn at once. */
export class Mail {
  readonly #id: string;
  readonly #bus: RelayBus;
  readonly #failed: (error: unknown) => void;
  readonly #letters = new Map<string, Letter>();

  constructor(id: string, bus: RelayBus, failed: (error: unknown) => void) {
    this.#id = id;
    this.#bus = bus;
    this.#failed = failed;
  }

  /** Says something as a front. */
  ask(owner: string, message: FrontMessage): void {
    this.#letterTo(owner).asked.push(message);
  }

  /** Says something as an owner. */
  answer(front: string, message: OwnerMessage): void {
    this.#letterTo(front).answered.push(message);
  }

  /** Sends at once what was said. Resolves once the bus has taken it. */
  async flush(): Promise<void> {
    const letters = [...this.#letters];
    this.#letters.clear();
    await Promise.all(letters.map(([to, letter]) => this.#send(to, letter)));
  }

  async #send(to: string, { asked, answered }: Letter): Promise<void> {
    try {
      const batch: Batch = { from: this.#id, asked, answered };
      await this.#bus.send(to, batch);
    } catch (error) {
      this.#failed(error);
    }
  }

  #letterTo(to: string): Letter {
    let letter = this.#letters.get(to);
    if (letter === undefined) {
      if (this.#letters.size === 0) queueMicrotask(() => void this.flush());
      this.#letters.set(to, letter = { asked: [], answered: [] });
    }
    return letter;
  }
}
