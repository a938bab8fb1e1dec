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
  /** What tells one request of our own clients from all others; of those of others nothing is known. */
  readonly stamp?: string;
}

const TILDE = 126;

/**
 * Reads the parameters that the engine knows out of a query string. A parameter that comes twice
 * with one value, as behind a proxy that appends the query to a URL that has it, counts once; with
 * two it has both, joined by a comma, and so no meaning.
 *
 * @param start where the query begins in the text.
 */
export function parseQuery(text: string, start = 0): Query {
  const result: { -readonly [Name in keyof Query]: Query[Name] } = {};
  while (start < text.length) {
    const found = text.indexOf("&", start);
    const end = found === -1 ? text.length : found;
    const equals = text.indexOf("=", start);
    const middle = equals === -1 || equals > end ? end : equals;
    // To cut names out, and values that are nearly always the same, costs more than to compare them.
    if (isAt(text, start, middle, "sid")) {
      result.sid = valueAt(text, middle + 1, end, result.sid);
    } else if (isAt(text, start, middle, "transport")) {
      result.transport = valueAt(text, middle + 1, end, result.transport);
    } else if (isAt(text, start, middle, "EIO")) {
      result.EIO = valueAt(text, middle + 1, end, result.EIO);
    } else if (isAt(text, start, middle, "b64")) {
      result.b64 = valueAt(text, middle + 1, end, result.b64);
    } else if (isAt(text, start, middle, "j")) {
      result.j = valueAt(text, middle + 1, end, result.j);
    } else if (isAt(text, start, middle, "t") && text.charCodeAt(middle + 1) === TILDE) {
      result.stamp = text.slice(middle + 1, end);
    }
    start = end + 1;
  }
  return result;
}

function valueAt(text: string, start: number, end: number, before: string | undefined): string {
  const value = isAt(text, start, end, "4")
    ? "4"
    : isAt(text, start, end, "polling")
    ? "polling"
    : decode(text.slice(start, end));
  return before === undefined || before === value ? value : `${before},${value}`;
}

function isAt(text: string, start: number, end: number, value: string): boolean {
  return end - start === value.length && text.startsWith(value, start);
}

/** Where the path of a URL begins and ends, without building a `URL`. */
export function pathOf(url: string): { start: number; end: number } {
  // Bun has the path alone where a client of HTTP/1.0 names no host.
  const scheme = url.startsWith("/") ? -1 : url.indexOf("://");
  const start = url.indexOf("/", scheme === -1 ? 0 : scheme + 3);
  if (start === -1) return { start: url.length, end: url.length };
  const query = url.indexOf("?", start);
  return { start, end: query === -1 ? url.length : query };
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
