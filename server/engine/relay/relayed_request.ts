import type { FrontMessage, HeaderList } from "./message.ts";

/** What a front says of a request. */
export type Asked = Extract<FrontMessage, { is: "request" }>;

type Part = Extract<FrontMessage, { is: "part" }>;

/** A request that came to another server. */
export class RelayedRequest {
  readonly #asked: Asked;
  readonly #abort = new AbortController();
  #body: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #next = 0;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /** Its URL. */
  get url(): string {
    return this.#asked.url;
  }

  /** The request. Called once. */
  request(): Request {
    const { method, url, hasBody } = this.#asked;
    try {
      return new Request(url, this.#init(method));
    } catch {
      // A client can send what `Request` does not take: `Host: a b`, or none, or the method TRACE.
      const request = new Request("http://localhost/", this.#init(hasBody ? "POST" : "GET"));
      return Object.defineProperties(request, { method: { value: method }, url: { value: url } });
    }
  }

  #init(method: string): RequestInit {
    const { headers, hasBody } = this.#asked;
    const init = { method, headers: headersOf(headers), signal: this.#abort.signal };
    if (!hasBody) return init;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (this.#body = controller),
      cancel: () => void (this.#body = undefined),
    });
    const streamed: RequestInit & { readonly duplex: "half" } = { ...init, body, duplex: "half" };
    return streamed;
  }

  /** A part of the body has come. */
  part({ number, data, last }: Part): void {
    const body = this.#body;
    if (body === undefined) return;
    if (number !== this.#next++) return this.abort();
    if (data.length > 0) body.enqueue(data as Uint8Array<ArrayBuffer>);
    if (!last) return;
    this.#body = undefined;
    body.close();
  }

  /** The client is gone. */
  abort(): void {
    const body = this.#body;
    this.#body = undefined;
    body?.error(new Error("The client is gone"));
    this.#abort.abort();
  }
}

/** The headers of a list. */
export function headersOf(list: HeaderList): Headers {
  return new Headers(list as [string, string][]);
}
