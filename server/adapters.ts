import {
  type Adapter,
  type AdapterClass,
  type AdapterFactory,
  type AdapterScope,
  LocalAdapter,
  RecoveryAdapter,
  type RecoveryLimits,
} from "./adapter/mod.ts";

/** How to make the adapter of a namespace: by the option, or, where it is the default, by recovery. */
export function adapterMaker(
  option: AdapterClass | AdapterFactory,
  recovery: RecoveryLimits | undefined,
): (scope: AdapterScope) => Adapter {
  if (option !== LocalAdapter) {
    return (scope) => isConstructor(option) ? new option(scope) : option(scope);
  }
  return recovery === undefined
    ? (scope) => new LocalAdapter(scope)
    : (scope) => new RecoveryAdapter(scope, recovery);
}

/** An arrow function cannot be called with `new`; any other function returns its result even so. */
function isConstructor(value: AdapterClass | AdapterFactory): value is AdapterClass {
  return value.prototype !== undefined;
}
