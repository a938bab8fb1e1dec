import type { Rejection } from "../rejection.ts";
import type { Runtime } from "../runtime.ts";

/** A request whose answer is awaited. */
export interface Pending {
  readonly id: number;
  readonly owner: string;
  readonly request: Request;
  readonly runtime: Runtime;
  readonly answered: Promise<Response>;
  readonly resolve: (response: Response | Promise<Response>) => void;
  readonly abort: () => void;
  /** Whether its connection may be idle for as long as it likes. */
  waits: boolean;
  /** Its body, until that is handed on. */
  body: ReadableStream<Uint8Array> | null;
  /** Reads no more of its body. */
  stop: (() => void) | undefined;
  /** Its signal, once that is watched. */
  signal: AbortSignal | undefined;
}

/** Answers a request that is refused. */
export type Refuse = (
  request: Request,
  runtime: Runtime,
  rejection: Rejection,
) => Response | Promise<Response>;
