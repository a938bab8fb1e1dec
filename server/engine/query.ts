/** The query parameters that mean something to the engine. */
export interface Query {
  /** The name of the transport. */
  readonly transport?: string;
  /** The protocol version. */
  readonly EIO?: string;
  /** The id of the session. */
  readonly sid?: string;
  /** The number of the callback, with JSONP. */
  readonly j?: string;
  /** Whether the client takes binary data as base64 only. */
  readonly b64?: string;
}

/**
 * Reads the parameters that the engine knows out of a query string. A parameter that comes twice
 * has both values, joined by a comma, and so no meaning.
 */
export function parseQuery(query: string): Query {
  const result: { -readonly [Name in keyof Query]: Query[Name] } = {};
  let start = 0;
  while (start < query.length) {
    const found = query.indexOf("&", start);
    const end = found === -1 ? query.length : found;
    const equals = query.indexOf("=", start);
    const middle = equals === -1 || equals > end ? end : equals;
    switch (query.slice(start, middle)) {
      case "transport":
        result.transport = add(result.transport, query.slice(middle + 1, end));
        break;
      case "EIO":
        result.EIO = add(result.EIO, query.slice(middle + 1, end));
        break;
      case "sid":
        result.sid = add(result.sid, query.slice(middle + 1, end));
        break;
      case "j":
        result.j = add(result.j, query.slice(middle + 1, end));
        break;
      case "b64":
        result.b64 = add(result.b64, query.slice(middle + 1, end));
        break;
    }
    start = end + 1;
  }
  return result;
}

/** Where the path of a URL begins and ends, without building a `URL`. */
export function pathOf(url: string): { start: number; end: number } {
  const scheme = url.indexOf("://");
  const start = url.indexOf("/", scheme === -1 ? 0 : scheme + 3);
  if (start === -1) return { start: url.length, end: url.length };
  const query = url.indexOf("?", start);
  return { start, end: query === -1 ? url.length : query };
}

function add(before: string | undefined, text: string): string {
  const value = decode(text);
  return before === undefined ? value : `${before},${value}`;
}

function decode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // A malformed escape stands for itself, and matches nothing.
    return text;
  }
}
