import { VERSION } from "./version.ts";

const FILE = /^socket\.io(\.min|\.esm\.min|\.msgpack\.min)?\.js(\.map)?$/;
const ETAG = `"${VERSION}"`;
const WEAK_ETAG = `W/${ETAG}`;

// In the order in which they are preferred; the name that CompressionStream has for each.
const ENCODINGS = [["br", "brotli"], ["gzip", "gzip"], ["deflate", "deflate"]] as const;

/** Where the bundles are: beside the sources, in the package as in the repository. */
const DIST = new URL("../dist/", import.meta.url);

/**
 * The bundles of the browser client, for pages that load them from the server. Each is read at first
 * use and kept, together with its compressed forms.
 */
export class ClientFiles {
  readonly #bodies = new Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>();

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
    const accepted = request.headers.get("accept-encoding") ?? "";
    const [token, format] = ENCODINGS.find(([token]) => accepts(accepted, token)) ?? [];
    const body = await this.#body(name, format);
    if (body === undefined) return undefined;
    headers.set("vary", "Accept-Encoding");
    if (token !== undefined) headers.set("content-encoding", token);
    return new Response(request.method === "HEAD" ? null : body, { headers });
  }

  #body(name: string, format?: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const key = `${format ?? ""} ${name}`;
    let body = this.#bodies.get(key);
    if (body === undefined) {
      body = format === undefined
        ? read(name)
        : this.#body(name).then((plain) => pack(plain, format));
      this.#bodies.set(key, body);
    }
    return body;
  }
}

function accepts(header: string, token: string): boolean {
  return header.split(",").some((part) => {
    const [name, ...params] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === token && !params.some((param) => /^q=0(\.0*)?$/.test(param));
  });
}

async function read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const response = await fetch(new URL(name, DIST));
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    // Reported below: which error it is depends on the runtime and on where the package is.
  }
  console.warn(`Cannot serve ${name}: it is not in ${DIST}; "deno task bundle" makes it`);
  return undefined;
}

async function pack(
  plain: Uint8Array<ArrayBuffer> | undefined,
  format: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (plain === undefined) return undefined;
  const stream = new Blob([plain]).stream();
  // The list of formats in the type library does not know brotli yet; both runtimes do.
  const packed = stream.pipeThrough(new CompressionStream(format as CompressionFormat));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
