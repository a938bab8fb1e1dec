import { type Clock, systemClock } from "./deadlines.ts";

/** What may wait for long. */
export interface Patient {
  /**
   * Called once in each round, which says how far they have got. Returns whether it still has to be.
   */
  round(number: number): boolean;
}

/**
 * Rounds among those who may wait for long, by one timer, which stops when nobody is left. Who waits
 * writes down the round, which costs nothing, and is told when that was long ago.
 */
export class Patience {
  readonly #interval: number;
  readonly #clock: Clock;
  readonly #patients = new Set<Patient>();
  #timer: unknown;
  #number = 0;

  /** @param interval milliseconds from one round to the next. */
  constructor(interval: number, clock: Clock = systemClock) {
    this.#interval = interval;
    this.#clock = clock;
  }

  /** How many rounds there were. */
  get number(): number {
    return this.#number;
  }

  /** From now on includes somebody, who MUST NOT be included already. */
  add(patient: Patient): void {
    this.#patients.add(patient);
    if (this.#patients.size === 1) this.#start();
  }

  /** Leaves all out and stops the timer. */
  clear(): void {
    this.#patients.clear();
    this.#clock.stop(this.#timer);
  }

  #start(): void {
    this.#timer = this.#clock.start(() => this.#round(), this.#interval);
  }

  #round(): void {
    this.#number++;
    for (const patient of this.#patients) {
      if (!patient.round(this.#number)) this.#patients.delete(patient);
    }
    if (this.#patients.size > 0) this.#start();
  }
}
