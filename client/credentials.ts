import type { Auth, Credentials } from "./options.ts";

/** Hands credentials to `use`, whichever way `auth` gives them. Rejects if it does not. */
export async function withCredentials(
  auth: Auth | undefined,
  use: (credentials?: Credentials) => void,
): Promise<void> {
  const result = typeof auth === "function" ? auth(use) : auth;
  if (result instanceof Promise) use(await result);
  else if (result || !auth) use(result || undefined);
}
