import { parseQuery, pathOf, type Query } from "./query.ts";

/** What the URL of a request asks of an engine. */
export interface Asked {
  /** What stands behind the path of the engine: the name of a file, or nothing. */
  readonly file: string;
  /** The query. */
  readonly query: Query;
}

/** Reads the URLs of requests. */
export class UrlReader {
  readonly #path: string;
  readonly #bare: boolean;
  // Clients that begin with a WebSocket all have the same URL.
  #last = "";
  #asked: Asked | undefined;

  /**
   * @param path the path of the engine, with or without a slash at its end.
   * @param bare whether a URL may end where the path does, without the slash.
   */
  constructor(path: string, bare: boolean) {
    this.#path = new URL(path, "http://host").pathname.replace(/\/$/, "");
    this.#bare = bare;
  }

  /** What a URL asks; `undefined` if it is not for this engine. */
  read(url: string): Asked | undefined {
    if (url !== this.#last) {
      this.#asked = this.#parse(url);
      this.#last = url;
    }
    return this.#asked;
  }

  #parse(url: string): Asked | undefined {
    const { start, end } = pathOf(url);
    const after = start + this.#path.length;
    const fits = url.startsWith(this.#path, start) &&
      (after < end ? url.charCodeAt(after) === SLASH : after === end && this.#bare);
    if (!fits) return undefined;
    return { file: url.slice(after + 1, end), query: parseQuery(url, end + 1) };
  }
}

const SLASH = 47;
