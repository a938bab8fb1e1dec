import type { Credentials } from "../events/mod.ts";
import type { Auth } from "./options.ts";

/** Hands credentials to `use`, whichever way `auth` gives them. Rejects if it does not. */
export async function withCredentials(
  auth: Auth | undefined,
  use: (credentials?: Credentials) => void,
): Promise<void> {
  if (auth && Object(auth) !== auth) throw new TypeError('Cannot use option "auth"');
  if (typeof auth !== "function") return use(auth);
  const result = await auth(use);
  // What takes the callback may return anything, such as a timer.
  if (result && !auth.length) use(result);
}
