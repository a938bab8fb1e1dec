import type { Transport, UpgradeHost } from "./transport.ts";

/** A transport that can make room for another one. */
export interface Pausable {
  /** Stops, and says when nothing is under way any more. */
  pause(paused: () => void): void;
  /** Goes on after a pause. */
  resume(): void;
}

/** Probing WebSocket waits this long where WebTransport is offered, milliseconds. */
const HEAD_START = 200;

/**
 * Tries the offered transports beside the present one and moves to the first that works.
 *
 * ```text
 *   client                        server
 *     │── new transport, same sid ──▶│
 *     │── 2probe ───────────────────▶│
 *     │◀─────────────────── 3probe ──│   and a noop to the waiting poll
 *     │   (poll ends, POST ends)     │
 *     │── 5 ────────────────────────▶│   all further packets go here
 * ```
 *
 * @returns how to give up.
 */
export function upgrade(present: Pausable, host: UpgradeHost): () => void {
  const { names, timers } = host;
  const probes = new Set<Transport>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const cancel = (winner?: Transport) => {
    timers.clearTimeout(timer);
    for (const transport of probes) {
      if (transport === winner) continue;
      transport.handler = undefined;
      transport.close();
    }
    probes.clear();
  };

  const probe = (name: string) => {
    const transport = host.make(name);
    if (!transport) return;
    let paused = false;
    const failed = (error: Error) => {
      transport.handler = undefined;
      transport.close();
      probes.delete(transport);
      if (paused) present.resume();
      host.tell("upgradeError", error);
      host.hold(false);
    };
    transport.handler = {
      opened: () => transport.flush([{ frames: ["2probe"] }]),
      frame(frame) {
        if (frame !== "3probe") return failed(new Error("probe error"));
        cancel(transport);
        probes.add(transport);
        paused = true;
        host.hold(true);
        host.tell("upgrading", transport);
        present.pause(() => {
          // Given up meanwhile.
          if (!probes.delete(transport)) return present.resume();
          transport.flush([{ frames: ["5"] }]);
          host.use(transport);
          host.tell("upgrade", transport);
          host.hold(false);
        });
      },
      failed,
      closed: ({ description }) => failed(new Error(description)),
    };
    probes.add(transport);
    transport.open();
  };

  for (const name of names) {
    if (name === "websocket" && names.includes("webtransport")) {
      timer = timers.setTimeout(() => probe(name), HEAD_START);
    } else probe(name);
  }
  return cancel;
}
