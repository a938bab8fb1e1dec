// What a server of the benchmark tells of itself.
import process from "node:process";

/** Where to listen. */
export const PORT = Number(process.env.PORT ?? 3000);

/**
 * The answer to a request for `/cpu` (cheap, taken while the server is at work) or `/stats` (after
 * a collection of garbage), as JSON; `undefined` for any other path.
 *
 * @param {string} url
 * @returns {string | undefined}
 */
export function tell(url) {
  if (url.endsWith("/cpu")) return JSON.stringify({ cpu: cpu() });
  return url.endsWith("/stats") ? JSON.stringify(stats()) : undefined;
}

/** Says that the server listens. */
export function ready() {
  console.log("ready");
}

function stats() {
  if (globalThis.Bun !== undefined) globalThis.Bun.gc(true);
  // Twice: what a finalizer frees is gone after the second only.
  else for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { pid: process.pid, rss, heapUsed, external, cpu: cpu() };
}

// Milliseconds, of all threads.
function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
