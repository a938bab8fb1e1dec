import { Buffer } from "node:buffer";
import { request } from "node:http";

/** An answer as it came: nothing is unpacked or followed. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What a request is made with; `socketPath` is the file of a Unix socket. */
interface RawOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly socketPath?: string;
  readonly body?: string;
}

/** Makes one HTTP request on a connection of its own. `fetch` would unpack the body. */
export function rawRequest(
  url: string,
  { body, ...options }: RawOptions = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const headers = response.headers as Record<string, string | undefined>;
        resolve({ status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
