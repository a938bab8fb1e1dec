/** A keep-alive HTTP connection, one request at a time. */
import { Buffer } from "node:buffer";
import { Tcp, type TcpHandler } from "./tcp.ts";

const NOTHING = Buffer.alloc(0);
const HEAD_END = "\r\n\r\n";

/** The connection. */
export class HttpConnection implements TcpHandler {
  /** Told the body of each answer. */
  onBody: (body: string) => void = () => {};
  readonly #failed: (reason: string) => void;
  #tcp: Tcp | undefined;
  #rest: Buffer = NOTHING;

  /** Takes who is told when something goes wrong. */
  constructor(failed: (reason: string) => void) {
    this.#failed = failed;
  }

  /** Connects. */
  async open(port: number): Promise<void> {
    this.#tcp = await Tcp.connect(port, this);
  }

  /** Sends a request. */
  send(request: Buffer): void {
    this.#tcp?.write(request);
  }

  /** Sends a request and resolves to the body of the answer. */
  ask(request: Buffer): Promise<string> {
    return new Promise((resolve) => {
      this.onBody = resolve;
      this.send(request);
    });
  }

  /** Part of {@linkcode TcpHandler}. */
  closed(): void {
    this.#failed("it closed a keep-alive connection");
  }

  /** Part of {@linkcode TcpHandler}. */
  data(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const text = all.toString("latin1");
    const answer = readAnswer(text);
    if (answer === undefined) {
      this.#rest = Buffer.from(all);
      return;
    }
    this.#rest = NOTHING;
    if (answer.status !== 200) this.#failed(`it answered ${text.slice(0, 40)}`);
    this.onBody(answer.body);
  }
}

/** The bytes of a request. */
export function request(method: string, path: string, body = ""): Buffer {
  const content = method === "POST"
    ? `Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ${body.length}\r\n`
    : "";
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${content}\r\n${body}`);
}

function readAnswer(text: string): { status: number; body: string } | undefined {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const head = text.slice(0, end).toLowerCase();
  const rest = text.slice(end + HEAD_END.length);
  const body = head.includes("transfer-encoding: chunked")
    ? readChunks(rest)
    : readLength(rest, head);
  return body === undefined ? undefined : { status: Number(head.slice(9, 12)), body };
}

function readLength(rest: string, head: string): string | undefined {
  const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  return rest.length < length ? undefined : rest.slice(0, length);
}

function readChunks(rest: string): string | undefined {
  let body = "";
  let at = 0;
  while (true) {
    const line = rest.indexOf("\r\n", at);
    if (line === -1) return undefined;
    const size = parseInt(rest.slice(at, line), 16);
    const next = line + 2 + size + 2;
    if (rest.length < next) return undefined;
    if (size === 0) return body;
    body += rest.slice(line + 2, line + 2 + size);
    at = next;
  }
}
