import { VERSION } from "./version.ts";

const FILE = /^socket\.io(\.min|\.esm\.min|\.websocket\.esm\.min|\.msgpack\.min)?\.js(\.map)?$/;
const ETAG = `"${VERSION}"`;
const WEAK_ETAG = `W/${ETAG}`;

// The name that CompressionStream has for each.
const FORMATS: ReadonlyMap<string, string> = new Map([
  ["br", "brotli"],
  ["gzip", "gzip"],
  ["deflate", "deflate"],
]);

/** Tells whether a file may be read, without asking the user. */
export type MayRead = (file: URL) => Promise<boolean>;

/** Where the bundles are: beside the sources, in the package as in the repository. */
const DIST = new URL("../dist/", import.meta.url);

/**
 * The bundles of the browser client, for pages that load them from the server. Each is read at first
 * use and kept, together with its compressed forms.
 */
export class ClientFiles {
  readonly #mayRead: MayRead;
  readonly #problems = new Set<string>();
  readonly #bodies = new Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>();

  /** @param mayRead asked before a file is read. */
  constructor(mayRead: MayRead = () => Promise.resolve(true)) {
    this.#mayRead = mayRead;
  }

  /** Answers a request for a file, or returns `undefined` if there is no such file. */
  async serve(request: Request, name: string): Promise<Response | undefined> {
    if (!FILE.test(name)) return undefined;
    const headers = new Headers({
      "cache-control": "public, max-age=0",
      "content-type": name.endsWith(".map")
        ? "application/json; charset=utf-8"
        : "application/javascript; charset=utf-8",
      "etag": ETAG,
    });
    const known = request.headers.get("if-none-match");
    if (known === ETAG || known === WEAK_ETAG) return new Response(null, { status: 304, headers });
    const token = preferred(request.headers.get("accept-encoding") ?? "");
    const body = await this.#body(name, FORMATS.get(token ?? ""));
    if (body === undefined) return undefined;
    headers.set("vary", "Accept-Encoding");
    if (token !== undefined) headers.set("content-encoding", token);
    return new Response(request.method === "HEAD" ? null : body, { headers });
  }

  /** Says a thing once: whoever asks for a file would fill the log. */
  #warn(problem: string): void {
    if (!this.#problems.has(problem)) console.warn(problem);
    this.#problems.add(problem);
  }

  #body(name: string, format?: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const key = `${format ?? ""} ${name}`;
    let body = this.#bodies.get(key);
    if (body === undefined) {
      body = format === undefined
        ? read(name, this.#mayRead, (problem) => this.#warn(problem))
        : this.#body(name).then((plain) => pack(plain, format));
      this.#bodies.set(key, body);
      // The next request tries again.
      body.then((bytes) => bytes ?? this.#bodies.delete(key), () => this.#bodies.delete(key));
    }
    return body;
  }
}

/** The encoding that the client likes best; the first, if it likes several as much. */
function preferred(header: string): string | undefined {
  let best: string | undefined;
  let quality = 0;
  for (const part of header.split(",")) {
    const [name = "", ...params] = part.split(";").map((text) => text.trim().toLowerCase());
    const q = Number(params.find((param) => param.startsWith("q="))?.slice(2) ?? 1);
    if (FORMATS.has(name) && q > quality) [best, quality] = [name, q];
  }
  return best;
}

/** Reads a file; what keeps it from that goes to `failed`. */
async function read(
  name: string,
  mayRead: MayRead,
  failed: (problem: string) => void,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = new URL(name, DIST);
  let problem: unknown;
  try {
    if (await mayRead(file)) {
      const response = await fetch(file);
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      problem = response.status;
    } else problem = "the program has no permission to read it";
  } catch (error) {
    problem = error;
  }
  failed(`Cannot serve ${file}: ${problem}`);
  return undefined;
}

async function pack(
  plain: Uint8Array<ArrayBuffer> | undefined,
  format: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (plain === undefined) return undefined;
  const stream = new Blob([plain]).stream();
  // The list of formats in the type library does not know brotli yet; both runtimes do.
  const packed = stream.pipeThrough(new CompressionStream(format as "gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
