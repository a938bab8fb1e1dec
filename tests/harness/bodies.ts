import type { Handler } from "../../mod.ts";
import { serve, type Served } from "./serve.ts";

/** A server that answers each GET with the next of these bodies, and keeps the last one waiting. */
export function serveBodies(...bodies: string[]): Promise<Served & { posts: string[] }> {
  const posts: string[] = [];
  const served = serve(plain(async (request) => {
    if (request.method === "POST") {
      posts.push(await request.text());
      return new Response("ok");
    }
    const body = bodies.shift();
    if (body !== undefined) return new Response(body);
    await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
    return new Response("6");
  }));
  return served.then((server) => Object.assign(server, { posts }));
}

/** A handler without WebSockets, in the form that serves on both runtimes. */
export function plain(fetch: (request: Request) => Response | Promise<Response>): Handler {
  const websocket = { message: () => {} };
  return Object.assign(fetch, { fetch, websocket, idleTimeout: 0 }) as unknown as Handler;
}
