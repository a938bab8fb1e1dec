import type { Adapter } from "../../server/adapter/mod.ts";
import { until } from "./once.ts";

/** Resolves once an adapter knows of so many servers. */
export async function untilServers(
  { adapter }: { readonly adapter: Adapter },
  size: number,
): Promise<void> {
  let count = 0;
  // What is asked last may have no answer any more.
  await until(() => {
    Promise.resolve(adapter.serverCount()).then((known) => count = known, () => {});
    return count === size;
  }, `${size} servers in the cluster`);
}
