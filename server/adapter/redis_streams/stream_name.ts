import type { Settings } from "./options.ts";

/** The key of the stream of a namespace. */
export function streamOf(
  nsp: string,
  { streamName, streamCount }: Pick<Settings, "streamName" | "streamCount">,
): string {
  return streamCount === 1 ? streamName : `${streamName}-${hashOf(nsp) % streamCount}`;
}

// That of the adapter of npm, which may give a number below 0.
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return hash;
}
