import type { EngineOptions } from "./options.ts";

/** How a reply may be compressed. */
export type Encoding = "gzip" | "deflate";

/**
 * The encoding for a reply, by the `Accept-Encoding` header of its request: `gzip` before
 * `deflate`, `undefined` if the client takes neither.
 */
export function encodingFor(accepted: string | null): Encoding | undefined {
  if (accepted === null) return undefined;
  const qualities = qualitiesOf(accepted);
  for (const encoding of ["gzip", "deflate"] as const) {
    if ((qualities.get(encoding) ?? qualities.get("*") ?? 0) > 0) return encoding;
  }
  return undefined;
}

/** A stream of the compressed body. */
export function compressStream(
  body: string | Uint8Array,
  encoding: Encoding,
): ReadableStream<Uint8Array> {
  const stream = new Blob([body as string]).stream();
  return stream.pipeThrough(
    new CompressionStream(encoding) as unknown as ReadableWritablePair<Uint8Array, Uint8Array>,
  );
}

/**
 * The option `perMessageDeflate`, as far as WebSockets can compress here; where they cannot although
 * that is asked for, the console says so once.
 */
export function socketCompression(
  { perMessageDeflate = false }: EngineOptions,
  host: { readonly name: string; readonly compresses: boolean } | undefined,
): boolean | { readonly threshold?: number } {
  if (perMessageDeflate === false || host?.compresses !== false) return perMessageDeflate;
  if (!warned) {
    console.warn(`Option "perMessageDeflate" has no effect: ${host.name} cannot compress`);
  }
  warned = true;
  return false;
}

let warned = false;

// Longer lists than anybody sends are not worth reading.
const MOST_ENCODINGS = 32;

function qualitiesOf(accepted: string): Map<string, number> {
  const qualities = new Map<string, number>();
  for (const item of accepted.split(",", MOST_ENCODINGS)) {
    const [name = "", ...parameters] = item.split(";");
    const quality = parameters.map((text) => text.trim()).find((text) => text.startsWith("q="));
    qualities.set(name.trim().toLowerCase(), quality === undefined ? 1 : Number(quality.slice(2)));
  }
  return qualities;
}
