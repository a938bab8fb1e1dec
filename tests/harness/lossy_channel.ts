import type { Port } from "../../server/adapter/broadcast_channel/port.ts";

/** A number from 0 to 1, the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A port that a test can cut off, both ways or one. */
export interface LossyPort extends Port {
  isDeaf: boolean;
  isMute: boolean;
}

/**
 * Channels of one name in memory: what is posted is copied, and arrives in a later turn, in order,
 * unless it is lost.
 */
export class LossyChannel {
  readonly #loses: () => boolean;
  readonly #ports = new Set<LossyPort>();
  /** All that has been posted, also what was lost. */
  readonly posted: unknown[] = [];
  /** How many copies were lost. */
  lost = 0;

  /** @param loses whether to lose a copy, asked for each port. */
  constructor(loses: () => boolean = () => false) {
    this.#loses = loses;
  }

  /** Posts to all, as a stranger. */
  tell(frame: unknown): void {
    for (const port of this.#ports) this.#pass(frame, port);
  }

  open(): LossyPort {
    const port: LossyPort = {
      isDeaf: false,
      isMute: false,
      onmessage: null,
      onmessageerror: null,
      postMessage: (frame) => {
        this.posted.push(structuredClone(frame));
        for (const other of this.#ports) {
          if (other === port) continue;
          if (port.isMute || other.isDeaf || this.#loses()) this.lost++;
          else this.#pass(frame, other);
        }
      },
      close: () => void this.#ports.delete(port),
    };
    this.#ports.add(port);
    return port;
  }

  #pass(frame: unknown, port: LossyPort): void {
    const data = structuredClone(frame);
    queueMicrotask(() => {
      const listener = port.onmessage as ((event: MessageEvent) => void) | null;
      if (this.#ports.has(port)) listener?.({ data } as MessageEvent);
    });
  }
}
