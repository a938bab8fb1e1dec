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
  if (typeof option !== "function") {
    throw new TypeError(`Option "adapter" must be a function, not ${typeof option}`);
  }
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
    if (!(error instanceof TypeError)) throw error;
    // Those of npm ask the server of the namespace for its encoder, which is not there.
    const isUncalled = isMaker(option) && error.message.startsWith("Cannot use");
    if (!error.message.includes("encoder") && !isUncalled) throw error;
    cause = error;
  }
  if (isMaker(option) && (cause !== undefined || typeof adapter === "function")) {
    throw new TypeError(`Cannot use adapter: call ${option.name}(), which makes one`, { cause });
  }
  if (typeof adapter?.init === "function" && typeof adapter.broadcast === "function") {
    return adapter as Adapter;
  }
  throw new TypeError(
    "Cannot use adapter: it is not one for this server, as those of npm are not; see docs/broadcast.md",
    { cause },
  );
}

/** Whether it is a function such as `createAdapter`, which has to be called first. */
function isMaker({ name }: AdapterClass | AdapterFactory): boolean {
  return /^create\w*Adapter$/.test(name);
}

/** An arrow function cannot be called with `new`; any other function returns its result even so. */
function isConstructor(value: AdapterClass | AdapterFactory): value is AdapterClass {
  return value.prototype !== undefined;
}
