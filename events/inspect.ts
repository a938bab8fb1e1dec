// The arguments are (depth, options, inspect) on Bun and Node, (inspect, options) on Deno.
type Inspect = (value: unknown, options: unknown) => string;
type InspectOptions = { readonly depth?: number | null; readonly currentDepth?: number };

let showing = false;

/**
 * Gives the objects of a class a short form for `console.log` and the like. An object inside of
 * another one is named only: what the program keeps with a socket may hold all the others.
 *
 * @param type the class, or a base of that class alone.
 * @param look what is shown of an object: plain values, and no secret among them.
 *
 * @example
 * ```ts
 * import { inspectable } from "@sockeye/io/events";
 * import { equal } from "node:assert/strict";
 * import { inspect } from "node:util";
 *
 * class Account {
 *   name = "Ada";
 *   password = "secret";
 * }
 * inspectable(Account, ({ name }: Account) => ({ name }));
 * equal(inspect(new Account()), "Account { name: 'Ada' }");
 * ```
 */
export function inspectable<Shown extends object>(
  type: { readonly prototype: object },
  look: (object: Shown) => Record<string, unknown>,
): void {
  const define = (name: PropertyKey, value: (this: Shown, ...args: never[]) => unknown) =>
    Object.defineProperty(type.prototype, name, { value, configurable: true, writable: true });
  define(
    Symbol.for("nodejs.util.inspect.custom"),
    function (depth: number | null, options: InspectOptions, inspect: Inspect) {
      return show(this, look, depth, options, inspect);
    },
  );
  define(Symbol.for("Deno.customInspect"), function (inspect: Inspect, options: InspectOptions) {
    const { depth, currentDepth = 0 } = options;
    return show(this, look, depth == null ? null : depth - currentDepth, options, inspect);
  });
}

function show<Shown extends object>(
  object: Shown,
  look: (object: Shown) => Record<string, unknown>,
  depth: number | null,
  options: InspectOptions,
  inspect: Inspect,
): string {
  const name = object.constructor?.name;
  if (showing || (depth !== null && depth < 0)) return `[${name}]`;
  showing = true;
  try {
    return `${name} ${inspect(look(object), { ...options, depth })}`;
  } catch {
    // A prototype, or a proxy, has none of the private members: to log it must not be an error.
    return `[${name}]`;
  } finally {
    showing = false;
  }
}
