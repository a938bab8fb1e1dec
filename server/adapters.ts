import {
  type Adapter,
  type AdapterClass,
  type AdapterFactory,
  type AdapterScope,
  LocalAdapter,
  RecoveryAdapter,
  RecoveryBudget,
} from "./adapter/mod.ts";

/** How sessions are kept where that is asked for. */
export interface Recovery {
  /** Milliseconds that a session is kept. */
  readonly maxDisconnectionDuration: number;
  /** The most bytes that are kept in all. */
  readonly maxBufferedBytes: number;
  /** Milliseconds until a lost connection is noticed. */
  readonly detectionTime: number;
}

/** How to make the adapter of a namespace: by the option, or, where it is the default, by recovery. */
export function adapterMaker(
  option: AdapterClass | AdapterFactory,
  recovery: Recovery | undefined,
): (scope: AdapterScope) => Adapter {
  if (option !== LocalAdapter) return chosenMaker(option, recovery);
  if (recovery === undefined) return (scope) => new LocalAdapter(scope);
  const { maxDisconnectionDuration, detectionTime, maxBufferedBytes } = recovery;
  const budget = new RecoveryBudget(maxBufferedBytes);
  const limits = { maxDisconnectionDuration, detectionTime, budget };
  return (scope) => new RecoveryAdapter(scope, limits);
}

function chosenMaker(
  option: AdapterClass | AdapterFactory,
  recovery: Recovery | undefined,
): (scope: AdapterScope) => Adapter {
  let told = recovery === undefined;
  return (scope) => {
    const adapter = made(option, scope);
    if (!told && adapter.persistSession === undefined) {
      told = true;
      console.warn(
        "connectionStateRecovery has no effect: the adapter keeps no sessions; see docs/recovery.md",
      );
    }
    return adapter;
  };
}

function made(option: AdapterClass | AdapterFactory, scope: AdapterScope): Adapter {
  let adapter: Partial<Adapter> | undefined;
  let cause: unknown;
  try {
    adapter = isConstructor(option) ? new option(scope) : option(scope);
  } catch (error) {
    // Those of npm ask the server of the namespace for its encoder, which is not there.
    if (!(error instanceof TypeError && error.message.includes("encoder"))) throw error;
    cause = error;
  }
  if (typeof adapter?.init === "function" && typeof adapter.broadcast === "function") {
    return adapter as Adapter;
  }
  throw new TypeError(
    "Cannot use adapter: it is not one for this server, as those of npm are not; see docs/broadcast.md",
    { cause },
  );
}

/** An arrow function cannot be called with `new`; any other function returns its result even so. */
function isConstructor(value: AdapterClass | AdapterFactory): value is AdapterClass {
  return value.prototype !== undefined;
}
