import { Emitter } from "./engine/mod.ts";
import type { ManagerEvents } from "./manager_events.ts";
import { DEFAULT_PATH, type LeanManagerOptions, type ManagerOptions } from "./options.ts";

/** The part of a manager that knows whether, and how soon, a lost connection is made again. */
export abstract class Reconnection extends Emitter<Record<never, never>, ManagerEvents> {
  /** The options that it was made with. */
  declare readonly opts: ManagerOptions;

  /** Takes the options. */
  constructor(options: LeanManagerOptions) {
    super();
    this.opts = { ...options, path: options.path || DEFAULT_PATH };
    // Zero stands for the default, as in npm socket.io-client.
    const given = this.opts as Record<string, unknown>;
    for (const name in given) if (/^reconnection./.test(name) && !given[name]) delete given[name];
  }

  /** Whether to connect again after the connection was lost. */
  reconnection(): boolean;
  /** Sets whether to connect again after the connection was lost. */
  reconnection(value: boolean): this;
  reconnection(value?: boolean): boolean | this {
    if (value === false) this.stopWaiting();
    return this.#option("reconnection", value, true);
  }

  /** How often to try to connect again. */
  reconnectionAttempts(): number;
  /** Sets how often to try to connect again. */
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): number | this {
    return this.#option("reconnectionAttempts", value, Infinity);
  }

  /** Milliseconds before the first attempt. */
  reconnectionDelay(): number;
  /** Sets the milliseconds before the first attempt. */
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): number | this {
    return this.#option("reconnectionDelay", value, 1000);
  }

  /** The most milliseconds between two attempts. */
  reconnectionDelayMax(): number;
  /** Sets the most milliseconds between two attempts. */
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): number | this {
    return this.#option("reconnectionDelayMax", value, 5000);
  }

  /** By which part the delay is varied at random. */
  randomizationFactor(): number;
  /** Sets by which part the delay is varied at random. */
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): number | this {
    return this.#option("randomizationFactor", value, 0.5);
  }

  /** Milliseconds that opening a connection may take. */
  timeout(): number | false;
  /** Sets the milliseconds that opening a connection may take; `false` for no limit. */
  timeout(value: number | false): this;
  timeout(value?: number | false): number | false | this {
    return this.#option<number | false>("timeout", value, 20_000);
  }

  /** Milliseconds to wait before the attempt of this number, varied at random. */
  delay(attempt: number): number {
    const factor = 1 + this.randomizationFactor() * (2 * Math.random() - 1);
    // The power is bound, as no delay times infinity is no number.
    return Math.min(
      this.reconnectionDelay() * 2 ** Math.min(attempt, 30) * factor,
      this.reconnectionDelayMax(),
    );
  }

  /** Waits for no further attempt. */
  protected abstract stopWaiting(): void;

  #option<Value>(
    name: keyof ManagerOptions,
    value: Value | undefined,
    initial: Value,
  ): Value | this {
    if (value === undefined) return this.opts[name] as Value | undefined ?? initial;
    (this.opts as Record<string, unknown>)[name] = value;
    return this;
  }
}
