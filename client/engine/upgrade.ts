import { Message, PacketType } from "../../parser/engine/mod.ts";
import type { Transport } from "./transport.ts";

/** How the attempt to move to a better transport goes. */
export interface ProbeHandler {
  /**
   * The server is ready. The connection pauses its present transport, then calls `complete` and
   * takes the new one.
   */
  accepted(complete: () => void): void;
  /** It did not work; the present transport goes on. */
  failed(error: Error): void;
}

/**
 * Tries a transport beside the present one.
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
export function probe(transport: Transport, handler: ProbeHandler): () => void {
  const cancel = () => {
    transport.handler = undefined;
    transport.close();
  };
  const failed = (error: Error) => {
    cancel();
    handler.failed(error);
  };
  transport.handler = {
    opened: () => transport.send([new Message(["2probe"])]),
    packet: (type, data) => {
      if (type !== PacketType.Pong || data !== "probe") return failed(new Error("probe error"));
      handler.accepted(() => transport.send([new Message(["5"])]));
    },
    failed,
    closed: ({ description }) => failed(new Error(description)),
  };
  transport.open();
  return cancel;
}
